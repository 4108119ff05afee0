import type { Ports } from "../ports.ts";

/** Does what it is given as soon as there is a place, and answers as that does. */
export type Turns = (ask: () => Promise<unknown>) => Promise<unknown>;

/**
 * The same ports, whose vendors are asked in turn: who has none yet waits before their question is put, so that no
 * vendor's time limit runs meanwhile.
 */
export function inTurn(ports: Ports, turns: Turns): Ports {
  const each = <Port extends Record<keyof Port, (...asked: never[]) => Promise<unknown>>>(port: Port): Port =>
    new Proxy(port, {
      get:
        (_, method) =>
        (...asked: never[]) =>
          turns(() => port[method as keyof Port](...asked)),
    });
  const { payments, email, sms, outgoing } = ports;
  const post = ((message) => turns(() => outgoing.post(message))) as typeof outgoing.post;
  return { ...ports, payments: each(payments), email: each(email), sms: each(sms), outgoing: { ...outgoing, post } };
}
