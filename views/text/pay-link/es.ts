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
  sent: {
    subject: (number: string, dealer: string, amount: string, due: string) =>
      `Factura ${number} de ${dealer}: ${amount}, vence el ${due}`,
    lead: (number: string, account: string, amount: string, due: string) =>
      `Esta es la factura ${number} de ${account}: ${amount}, vence el ${due}.`,
    button: "Pagar esta factura",
    drafted: (date: string, method: string) =>
      `No tiene que hacer nada: el pago automático la cobra el ${date} de ${method}. Le escribiremos otra vez antes.`,
    underWay: "Un pago para ella está en camino. No tiene que hacer nada.",
    paid: "Ya está pagada. No tiene que hacer nada.",
    see: "Ver la factura",
    what: "Concepto",
    more: (count: number) => (count === 1 ? "1 línea más" : `${count} líneas más`),
    tax: "Impuesto",
    paidBefore: "Pagado o abonado",
    left: "Por pagar",
    signIn: "O inicie sesión para verla con todas las demás",
    keep: "El enlace es solo para esta factura. Quien tenga este correo puede ver y pagar la factura, y nada más de lo suyo.",
    why: (dealer: string, account: string) => `${dealer} le envió esto porque usted paga por la cuenta de ${account}.`,
  },
  text: {
    inFull: (number: string, amount: string, due: string) => `Factura ${number}, ${amount}, vence el ${due}. Pague:`,
    shorter: (number: string, amount: string) => `Factura ${number}, ${amount}. Pague:`,
    brief: (number: string) => `Pague la factura ${number}:`,
    shortest: "Pague:",
    stop: "Responda STOP para cancelar.",
  },
};
