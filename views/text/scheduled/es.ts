import type { scheduled as en } from "./en.ts";

/** Payments on a later day, in Spanish. */
export const scheduled: typeof en = {
  title: "Pagar otro día",
  on: "Pagar otro día",
  onHint: "Con una tarjeta o cuenta guardada. Déjelo vacío para pagar ahora.",
  terms: (dealer: string, amount: string, method: string, date: string) =>
    `Autorizo a ${dealer} a tomar ${amount} una sola vez, el ${date} o justo después, de mi ${method}, para las facturas de arriba. Si para entonces falta menos por pagar, solo se toma eso. Puedo cancelarlo hasta el día anterior.`,
  agree: (amount: string) => `Acepto pagar ${amount} ese día`,
  back: "Volver a las facturas",
  waiting: "Pagos por venir",
  cancel: "Cancelarlo",
  said: {
    scheduled:
      "Su pago se hará ese día. Puede cancelarlo hasta el día anterior. Una copia de lo que aceptó va en camino por correo.",
    canceled: "Cancelado. No se tomará nada.",
    too_late: "Es tarde para cancelarlo, o ya terminó. Llámenos si necesita ayuda.",
  },
  problems: {
    day: (first: string, last: string) => `Elija un día del ${first} al ${last}.`,
    many: "Son demasiadas facturas para un pago otro día. Elija menos, o pague ahora.",
    saved: "Para otro día hace falta una tarjeta o cuenta guardada. Elija una, o deje el día vacío para pagar ahora.",
  },
  letters: {
    scheduled_authorization: {
      subject: (amount: string, date: string) => `Pagará ${amount} el ${date}`,
      lead: (date: string, amount: string, method: string) =>
        `Como usted pidió, el ${date} tomaremos ${amount} de ${method}, para las facturas de abajo. Puede cancelarlo hasta el día anterior.`,
      button: "Verlo o cancelarlo",
      agreedOn: (date: string) => `Guarde esta copia de lo que aceptó (${date}):`,
    },
    scheduled_canceled: {
      subject: "Un pago futuro está cancelado",
      lead: (date: string) =>
        `Nuestra oficina canceló el pago que usted había dejado para el ${date}, como usted pidió. No se tomará nada. Sus facturas siguen abiertas.`,
    },
    scheduled_not_needed: {
      subject: "No se tomó nada: sus facturas están pagadas",
      lead: (date: string) =>
        `Usted había dejado un pago para el ${date}. Para entonces no quedaba nada por pagar en esas facturas, así que no se tomó nada.`,
    },
    scheduled_not_made: {
      subject: "Su pago no se hizo",
      lead: (date: string) =>
        `Usted había dejado un pago para el ${date}. No se pudo hacer: la tarjeta o cuenta ya no se puede usar para él, o el día ya pasó. No se tomó nada. Pague de otra manera, por favor.`,
    },
    button: "Ver sus facturas",
  },
};
