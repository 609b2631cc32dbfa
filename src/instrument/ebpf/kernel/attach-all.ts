/** Attaches at each of `places`, in their order. When one throws, what was attached before is detached again, and the error goes on to the caller. */
export function attachAll<Place, Attached extends { detach(): unknown }>(
  places: Iterable<Place>,
  attach: (place: Place) => Attached,
): readonly Attached[] {
  const attached: Attached[] = [];
  try {
    for (const place of places) attached.push(attach(place));
    return attached;
  } catch (error) {
    for (const each of attached) void each.detach();
    throw error;
  }
}
