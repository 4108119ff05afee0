import type { Resend } from "resend";

/** What `dev/build-parts.ts` leaves of Resend's client: sending mail, without attachments and React. */
export type ResendClient = { emails: Pick<Resend["emails"], "send"> };

export const ResendClient: new (...configured: ConstructorParameters<typeof Resend>) => ResendClient;
