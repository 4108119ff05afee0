import { legibleChance } from "../ids.ts";

/** A key with which a customer registers: ten characters of chance, 50 bits. */
export const newRegistrationKey = (): string => legibleChance(10).toUpperCase();
