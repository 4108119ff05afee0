import type { ways as english } from "./en.ts";

/** Otras maneras de entrar: Google, Microsoft y Apple, y el segundo paso. */
export const ways: typeof english = {
  providers: { google: "Google", microsoft: "Microsoft", apple: "Apple" },
  signInWith: (provider) => `Entrar con ${provider}`,
  trouble: {
    title: (provider) => `Entrar con ${provider}`,
    unknownTitle: "No encontramos ningún acceso con esta dirección",
    unknown: (provider, email) =>
      email
        ? `${provider} dice que usted es ${email}, y no tenemos ningún acceso que podamos abrir con eso.`
        : `${provider} no nos dio ninguna dirección, y sin ella no podemos abrir ningún acceso.`,
    unknownNote: (provider) =>
      `¿Ya se registró? Entre con su contraseña y vincule ${provider} en su perfil. ¿Es nuevo? Regístrese con el número de su factura.`,
    register: "Registrarse",
    cancelled: (provider) => `No continuó con ${provider}. No se cambió nada.`,
    stale: "Este acceso se inició en otra ventana, ya se usó o tardó más de diez minutos. Empiece de nuevo.",
    refused: (provider) => `No pudimos comprobar lo que envió ${provider}. Empiece de nuevo.`,
    noAnswer: (provider) =>
      `${provider} no responde como debería. Inténtelo de nuevo en un minuto o entre con su contraseña.`,
    taken: (provider) =>
      `Esa cuenta de ${provider} está vinculada a otro acceso aquí, o usted ya vinculó otra. Quite primero esa.`,
    again: "Intentar de nuevo",
    password: "Entrar con su contraseña",
    back: "Volver a sus maneras de entrar",
  },
  identities: {
    title: "Maneras de entrar",
    lead: "Vincule una cuenta suya y entre aquí con un toque y sin contraseña.",
    linked: (email) => (email ? `Vinculada: ${email}` : "Vinculada"),
    notLinked: "No vinculada",
    link: (provider) => `Vincular ${provider}`,
    remove: (provider) => `Quitar ${provider}`,
    none: "Su compañía de alarmas ofrece el acceso con correo electrónico y contraseña.",
    done: "Vinculada. Desde ahora puede entrar con ella.",
    removed: "Quitada. Ya no le da acceso aquí.",
    lastWay: "Es su única manera de entrar. Elija primero una contraseña.",
    choosePassword: "Elegir una contraseña",
    twoStep: "Acceso en dos pasos",
  },
  secondStep: {
    title: "Un paso más",
    lead: "Escriba los seis dígitos que muestra ahora su aplicación de autenticación para nosotros.",
    code: "Código",
    hint: "¿No tiene su teléfono? Escriba uno de sus códigos de recuperación.",
    button: "Continuar",
    wrong: "Ese código no es correcto o ya se usó. Espere el siguiente y escríbalo.",
    tooMany: (minutes) =>
      `Demasiados intentos. Espere ${minutes === 1 ? "1 minuto" : `${minutes} minutos`} e inténtelo de nuevo.`,
    back: "Empezar de nuevo",
  },
  twoStep: {
    title: "Acceso en dos pasos",
    lead: "Con él, para entrar hace falta también un código de una aplicación en su teléfono: una contraseña robada no abre nada por sí sola.",
    staffMust: "Su compañía pide a toda la oficina el acceso en dos pasos. Actívelo para continuar.",
    isOff: "El acceso en dos pasos está desactivado.",
    isOn: "El acceso en dos pasos está activado.",
    start: "Activarlo",
    scanTitle: "1. Agréguenos a su aplicación",
    scan: "Abra una aplicación de autenticación (Google Authenticator, Microsoft Authenticator, 1Password u otra) y escanee esto.",
    qr: "Código QR para su aplicación de autenticación",
    orType: "O escriba esta clave en ella:",
    openApp: "¿Está en este teléfono? Abra su aplicación",
    confirmTitle: "2. Escriba el código que muestra",
    confirm: "Activar",
    other: "Empezar con otra clave",
    codesTitle: "Guarde estos códigos de recuperación",
    codes: "Cada uno sirve una vez para entrar si no tiene su teléfono. Imprímalos o anótelos: solo los ve ahora.",
    codesKept: "Ya los guardé",
    left: (count) => (count === 1 ? "Queda 1 código de recuperación." : `Quedan ${count} códigos de recuperación.`),
    changeTitle: "Cambiarlo",
    codeNow: "Un código de su aplicación o un código de recuperación",
    renew: "Códigos de recuperación nuevos",
    off: "Desactivar",
    nowOff: "El acceso en dos pasos está desactivado. Los demás dispositivos quedaron fuera.",
    office: "Ir a la oficina",
    profile: "Su perfil",
  },
};
