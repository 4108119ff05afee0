import type { access as english } from "./en.ts";

/** Entrar: enlaces, contraseñas y las cartas sobre ellos. */
export const access: typeof english = {
  why: (dealer) => `Este correo es sobre el acceso en línea a ${dealer}.`,
  stuck: (phone) => `¿No puede? Llámenos: ${phone}.`,
  notYou: (phone) => `Si no fue usted, llámenos de inmediato: ${phone}.`,
  profileButton: "Ver su perfil",
  letters: {
    registration: {
      subject: (dealer) => `Vea su cuenta de ${dealer} en línea`,
      lead: (dealer, account) =>
        `Usted pidió ver su cuenta de ${dealer} en línea${account ? ` (${account})` : ""}. Elija una contraseña y listo. Si ya tiene un acceso aquí, esto añade la cuenta.`,
      button: "Ver mi cuenta",
      lasts: "Este enlace sirve una vez, durante un día. Puede pedir otro cuando quiera.",
      notYou: "Si usted no lo pidió, no haga nada: sin el enlace no pasa nada.",
    },
    temporary_password: {
      subject: (dealer) => `Su contraseña temporal para ${dealer}`,
      lead: (dealer) =>
        `Entre en ${dealer} con esta dirección de correo y la contraseña de abajo. Después elige la suya.`,
      button: "Entrar",
      lasts: "Sirve una vez, durante tres días. Las mayúsculas y minúsculas importan; estas son todas minúsculas.",
      notYou: "Si usted no lo pidió, no haga nada.",
    },
    password_reset: {
      subject: (dealer) => `Elija una contraseña nueva para ${dealer}`,
      lead: (dealer) => `Usted pidió una contraseña nueva para ${dealer}.`,
      button: "Elegir una contraseña nueva",
      lasts: "Este enlace sirve una vez, durante un día. Si pidió varios, solo sirve el último.",
      notYou: "Si usted no lo pidió, no haga nada: su contraseña de siempre sigue sirviendo.",
    },
    invitation: {
      subject: (dealer) => `Le invitan a una cuenta con ${dealer}`,
      lead: (dealer, account) =>
        `Le invitan a ver en línea ${account ? `la cuenta de ${account}` : "una cuenta"} con ${dealer}.`,
      button: "Ver la invitación",
      lasts: "Este enlace sirve una vez, durante 14 días.",
      notYou: "Si no sabe de qué se trata, no haga nada.",
    },
    email_confirmation: {
      subject: (dealer) => `Confirme su nueva dirección de correo para ${dealer}`,
      lead: (dealer) => `Usted quiere entrar en ${dealer} con esta dirección de correo de ahora en adelante.`,
      button: "Confirmar esta dirección",
      lasts: "Este enlace sirve una vez, durante un día. Hasta entonces queda su dirección anterior.",
      notYou: "Si usted no lo pidió, no haga nada: sin el enlace nada cambia.",
    },
  },
  notices: {
    password_changed: {
      subject: (dealer) => `Se cambió su contraseña de ${dealer}`,
      lead: (dealer) => `Se acaba de cambiar la contraseña de su acceso a ${dealer}. Los demás aparatos quedan fuera.`,
    },
    email_changing: {
      subject: (dealer) => `Su acceso a ${dealer} tendrá otra dirección de correo`,
      lead: (dealer) =>
        `Alguien que entró como usted pidió a ${dealer} usar otra dirección de correo. Cambia cuando esa dirección se confirme.`,
    },
    email_changed: {
      subject: (dealer) => `Su acceso a ${dealer} tiene otra dirección de correo`,
      lead: (dealer) => `Ahora usted entra en ${dealer} con otra dirección de correo. Esta ya no sirve.`,
    },
    two_step_on: {
      subject: (dealer) => `El acceso en dos pasos está activo en ${dealer}`,
      lead: (dealer) => `Al entrar en ${dealer} ahora también se pide un código de su aplicación.`,
    },
    two_step_off: {
      subject: (dealer) => `El acceso en dos pasos ya no está activo en ${dealer}`,
      lead: (dealer) => `Al entrar en ${dealer} ya no se pide un código.`,
    },
    provider_linked: {
      subject: (dealer) => `Otra forma de entrar en ${dealer}`,
      lead: (dealer) => `Ahora también puede entrar en ${dealer} con una cuenta de Google, Microsoft o Apple.`,
    },
    provider_unlinked: {
      subject: (dealer) => `Se quitó una forma de entrar en ${dealer}`,
      lead: (dealer) => `Una cuenta de Google, Microsoft o Apple ya no le deja entrar en ${dealer}.`,
    },
  },
  forgot: {
    link: "¿Olvidó su contraseña?",
    title: "Olvidó su contraseña",
    lead: "Escriba su dirección de correo. Le enviamos un enlace para elegir una contraseña nueva.",
    button: "Envíenme un enlace",
    sentTitle: "Mire su correo",
    sent: "Si esa dirección tiene un acceso aquí, va en camino un enlace. Sirve durante un día.",
    sentNote: "¿Nada después de unos minutos? Mire en la carpeta de correo no deseado, revise la dirección o llámenos.",
    again: "Probar otra dirección",
  },
  password: {
    title: "Elija una contraseña",
    leadFor: (email) => `Es para ${email}.`,
    rules: "Al menos 10 caracteres. Vale todo: palabras, espacios, símbolos. Las mayúsculas y minúsculas importan.",
    new: "Contraseña nueva",
    again: "La misma otra vez",
    button: "Guardar y entrar",
    saved: "Su contraseña nueva está guardada.",
    problems: {
      short: "Es demasiado corta. Use al menos 10 caracteres; tres o cuatro palabras van bien.",
      long: "Es demasiado larga. Use como máximo 256 caracteres.",
      common: "Esa contraseña es de las primeras que cualquiera adivinaría. Elija otra.",
      email: "Su contraseña no debe contener su dirección de correo. Elija otra.",
      different: "Las dos no son iguales. Escriba la contraseña nueva dos veces.",
    },
    deadTitle: "Este enlace ya no sirve",
    dead: "Ya se usó, lo reemplazó uno más nuevo, o es demasiado viejo.",
    deadNote: "Pida otro aquí abajo. Toma un minuto.",
  },
};
