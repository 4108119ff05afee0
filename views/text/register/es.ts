import type { register as english } from "./en.ts";

/** Entrar por primera vez: qué escribir, y qué pasa después. */
export const register: typeof english = {
  link: "¿Es nuevo aquí? Regístrese",
  title: "Registrarse",
  lead: (dealer) => `Vea y pague sus facturas de ${dealer} en línea. Esto se hace una sola vez.`,
  known: "¿Ya se registró? Entre",
  neither: (dealer) => `${dealer} da acceso por invitación. Llámenos o escríbanos y le enviamos una.`,
  byEmail: {
    title: "Con su correo electrónico",
    lead: "Si lo tenemos en nuestros registros, no hace falta nada más.",
    button: "Envíenme un enlace",
  },
  byKey: {
    title: "Con su factura",
    lead: "El número de cliente y la clave de registro están al pie de su factura.",
    number: "Número de cliente",
    key: "Clave de registro",
    keyHint: "Da igual si usa mayúsculas, minúsculas, guiones o espacios.",
    zip: "Código postal",
    zipHint: "De la dirección a la que llega su factura.",
    first_name: "Nombre",
    last_name: "Apellido",
    nameHint: "Puede ser un apodo.",
    strictHint: "Como está en su factura.",
    phone: "Teléfono, con código de área",
    button: "Registrarme",
  },
  missing: {
    number: "Escriba su número de cliente. Está al pie de su factura.",
    key: "Escriba su clave de registro. Está al pie de su factura.",
    zip: "Escriba el código postal de la dirección a la que llega su factura.",
    email: "Escriba su dirección de correo completa, como nombre@example.com.",
    first_name: "Escriba su nombre.",
    last_name: "Escriba su apellido.",
    phone: "Escriba su número de teléfono, con código de área.",
  },
  add: {
    title: "Añadir una cuenta",
    lead: (email, account) =>
      `Esto añade ${account} a lo que usted ve cuando entra como ${email}. Su contraseña queda como está.`,
    button: "Añadir esta cuenta",
  },
  sentTitle: "Mire su correo",
  sentByEmail: (email) => `Si ${email} está en nuestros registros, va en camino un correo a esa dirección.`,
  sentByKey: "Si coincide con nuestros registros, va en camino un correo a la dirección que tenemos para esta cuenta.",
  noneOnFile: (email) =>
    `Si no tenemos ninguna, nuestra oficina revisa lo que usted escribió y después escribe a ${email}.`,
  name: "Nombre",
  typed: "Lo que escribió",
  sentNote:
    "¿Nada después de unos minutos? Mire en la carpeta de correo no deseado y revise lo que escribió. Si su dirección de correo cambió, llámenos.",
  again: "Cambiarlo y probar otra vez",
};
