import type { refunds as english } from "./en.ts";

/** El dinero que espera en una cuenta y el dinero que se devuelve. */
export const refunds: typeof english = {
  letters: {
    reason: (reason) => `Motivo: ${reason}`,
    refund_made: {
      subject: (amount) => `Su reembolso de ${amount}`,
      lead: (amount, method) => `Hemos devuelto ${amount} a ${method}.`,
      note: () =>
        "Los bancos tardan unos días: hasta 10 para una tarjeta, hasta 3 días hábiles para una cuenta bancaria. No tiene que hacer nada.",
    },
    refund_failed: {
      subject: (amount) => `Su reembolso de ${amount} no llegó`,
      lead: (amount, method) => `Devolvimos ${amount} a ${method}, pero el banco no lo aceptó.`,
      note: (phone) =>
        `El dinero está otra vez en su cuenta con nosotros. Buscaremos otra manera. ¿Preguntas? Llame al ${phone}.`,
    },
    payment_restored: {
      subject: (amount) => `Su pago de ${amount} cuenta otra vez`,
      lead: (amount, method) => `Su banco nos ha devuelto su pago de ${amount} de ${method}.`,
      note: "Las facturas que pagó están pagadas otra vez. No tiene que hacer nada.",
    },
  },
  off: { refunded: "Reembolsado", moved: "Retirado otra vez" },
  sent: { heading: "Reembolsos", states: { pending: "En camino", settled: "Enviado", failed: "No llegó" } },
  credits: {
    title: "Créditos",
    lead: "El dinero en su cuenta y para qué se usó.",
    left: "Queda por usar",
    none: "No hay créditos en su cuenta.",
    payment: (method) => `Sobrante de un pago: ${method}`,
    amount: "Importe",
    rest: "Queda",
    usedFor: "Usado para",
    unused: "Sin usar todavía",
    link: "Ver sus créditos",
    automatic: "Lo usamos para su factura abierta más antigua, antes de cobrar nada.",
    by_hand: "Llámenos para usarlo en una factura.",
  },
  ahead: {
    title: "Pagar por adelantado",
    lead: "Ahora no debe nada. Puede pagar por adelantado: el dinero queda en su cuenta como crédito para la próxima factura.",
    most: (amount) => `Como máximo ${amount} cada vez.`,
  },
};
