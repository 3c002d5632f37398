/** What is served under this name, dist/socket.io.esm.min.js of socket.io-client, for the type checker alone. */
export * from "socket.io-client";
