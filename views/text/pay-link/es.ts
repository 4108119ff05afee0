import type { payLink as en } from "./en.ts";

/** A link through which one invoice is paid, in Spanish. */
export const payLink: typeof en = {
  title: (number: string) => `Pagar la factura ${number}`,
  from: "De",
  owed: "Por pagar",
  due: "Vence",
  invoice: "Factura",
  underWay: (amount: string) => `Un pago de ${amount} para ella está en camino. No tiene que hacer nada por ese pago.`,
  changed: "El importe acaba de cambiar. Mírelo y pulse Pagar otra vez. No se cobró nada.",
  deadTitle: "Este enlace ya no funciona",
  dead: "La factura ya se pagó, o el enlace caducó o fue retirado.",
  signIn: "Inicie sesión para ver sus facturas",
  letter: {
    subject: (number: string, dealer: string) => `Pague la factura ${number} de ${dealer}`,
    lead: (number: string, amount: string, due: string) =>
      `La factura ${number} tiene ${amount} por pagar. Vence el ${due}. Con este enlace puede pagarla sin iniciar sesión.`,
    button: "Ver y pagar la factura",
    keep: "El enlace es solo para esta factura. Quien lo tenga puede verla y pagarla, y nada más de lo suyo.",
    why: (dealer: string) => `${dealer} le envió esto porque pidió una forma de pagar.`,
  },
};
