import type { Socket } from "./chunk.ts";

/** "10.0.0.1:80", "[::1]:80"; "" when it is not known. */
export function endOf(socket: Socket | undefined, end: "local" | "remote"): string {
  if (socket === undefined || socket.family !== "ip" || socket.remote === "") return "";
  const [address, port] =
    end === "local" ? [socket.local, socket.localPort] : [socket.remote, socket.remotePort];
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}
