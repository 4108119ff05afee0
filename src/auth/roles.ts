/** What a role on an account may do with its money. */
export type MoneyRight = "see" | "pay" | "none";

type Role = "owner" | "billing" | "service" | "viewer";

const RIGHTS: Record<Role, MoneyRight[]> = {
  owner: ["none", "see", "pay"],
  billing: ["none", "see", "pay"],
  viewer: ["none", "see"],
  service: ["none"],
};

/** The roles that have a right, for the SQL that guards every read. */
export const rolesWith = (right: MoneyRight): Role[] =>
  (Object.keys(RIGHTS) as Role[]).filter((role) => RIGHTS[role].includes(right));

/** Whether a role has a right, for drawing or hiding a control. */
export const mayMoney = (role: Role, right: MoneyRight): boolean => RIGHTS[role].includes(right);
