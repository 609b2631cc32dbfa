/** How the type of an attribute value is kept beside its text: one ASCII letter a value, in the order of the map. */
export const typeLetters = {
  string: 115, // s
  bool: 98, // b
  int: 105, // i
  double: 100, // d
  bytes: 121, // y
  array: 97, // a
  map: 109, // m
  empty: 110, // n
} as const;
