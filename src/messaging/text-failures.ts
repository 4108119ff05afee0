/** Why a text was not sent, as `messages.failure` keeps it: ours, or the carrier's number. https://www.twilio.com/docs/api/errors */
export const OPTED_OUT = "21610";
export const QUIET_HOURS = "quiet hours";
export const UNCLEAR = "unclear";

const WORDS: Record<string, string> = {
  [OPTED_OUT]: "this number has opted out of texts",
  [QUIET_HOURS]: "it would have come at night; nothing is sent between 9 p.m. and 8 a.m.",
  [UNCLEAR]: "the carrier gave no clear answer, so it may have arrived; it is not sent again",
  "21211": "this is not a telephone number",
  "21408": "texts cannot be sent to that country",
  "21612": "this number cannot be reached by text",
  "21614": "this number cannot get texts",
};

/** The same in words for the office. */
export const textFailure = (failure: string): string => WORDS[failure] ?? `the carrier refused it (${failure})`;
