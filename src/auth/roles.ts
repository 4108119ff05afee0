/**
 * What a signed-in user may do on an account. `enter`: see that it is theirs, ask for help. `see`: its invoices,
 * payments and receipts. `pay`: move its money. `edit`: its contact details and address. `manage`: its users.
 */
export type Right = "enter" | "see" | "pay" | "edit" | "manage";

export type Role = "owner" | "billing" | "service" | "viewer";

/** The one table of who may do what on an account. */
export const RIGHTS: Record<Role, readonly Right[]> = {
  owner: ["enter", "see", "pay", "edit", "manage"],
  billing: ["enter", "see", "pay"],
  service: ["enter"],
  viewer: ["enter", "see"],
};

export const ROLES = Object.keys(RIGHTS) as Role[];

/** The roles that have a right, for the SQL that guards every read. */
export const rolesWith = (right: Right): Role[] => ROLES.filter((role) => RIGHTS[role].includes(right));

/** Whether a role has a right, for drawing or hiding a control. */
export const may = (role: Role, right: Right): boolean => RIGHTS[role].includes(right);
