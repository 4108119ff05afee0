/**
 * A port that is made when it is first asked something, because its vendor's library takes longer to run than a page:
 * an isolate that serves pages only never does. Every method must answer a promise.
 */
export function whenAsked<Port extends Record<keyof Port, (...asked: never[]) => Promise<unknown>>>(
  make: () => Promise<Port>,
): Port {
  // The port, never its promise: a Worker may not wait for what another request began.
  let port: Port | null = null;
  return new Proxy({} as Port, {
    get:
      (_, method) =>
      async (...asked: never[]) => {
        port ??= await make();
        return port[method as keyof Port](...asked);
      },
  });
}
