import { dollars } from "../../src/money.ts";
import { dateText } from "../text/dates.ts";
import type { Language, Text } from "../text/language.ts";
import { methodText } from "../ui.tsx";

export type WordsOfAutopay = {
  dealer: { name: string; phone: string };
  method: { kind: string; brand: string; lastFour: string };
  draftDay: number;
  monitoring: boolean;
  othersUpToCents: number;
  askAboveCents: number | null;
  /** What recurs, and every so many months; null where there is nothing to go by. */
  usual: { cents: number; everyMonths: number | null } | null;
  firstDraftOn: string;
};

/** What a customer agrees to, sentence by sentence: 12 CFR 1005.10(b), Nacha, and the networks' rules for stored cards. */
export function autopayWords(p: WordsOfAutopay, t: Text, language: Language): string {
  const { words } = t.autopay;
  const method = p.method.kind === "bank" ? words.bank(p.method.brand, p.method.lastFour) : methodText(p.method, t);
  const covers = [
    ...(p.monitoring ? [monitoring(p.usual, t)] : []),
    ...(p.othersUpToCents > 0 ? [words.others(dollars(p.othersUpToCents))] : []),
  ];
  return [
    `${words.lead(p.dealer.name, method, p.draftDay)} ${covers.join(` ${words.and} `)}.`,
    words.pastDue,
    words.notice(p.dealer.name),
    ...(p.askAboveCents === null ? [] : [words.ask(p.dealer.name, dollars(p.askAboveCents))]),
    words.stop(p.dealer.phone),
    words.first(dateText(p.firstDraftOn, language)),
    words.until,
  ].join(" ");
}

function monitoring(usual: WordsOfAutopay["usual"], t: Text): string {
  const { words } = t.autopay;
  if (!usual?.everyMonths) return words.asInvoiced;
  const amount = dollars(usual.cents);
  return usual.everyMonths === 1 ? words.monthly(amount) : words.every(amount, usual.everyMonths);
}
