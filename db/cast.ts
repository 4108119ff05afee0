/** The people of the two invented dealers, each there for a reason. No real person, number or address. */

export type CastAccount = {
  number: string;
  name: string;
  why: string;
  firstName: string;
  lastName: string;
  email: string | null;
  /** Whether there is a sign-in with the cast's password. */
  registered: boolean;
  language?: "en" | "es";
  phone: string;
  line1: string;
  city: string;
  state: string;
  zip: string;
  registrationKey: string;
  status: "active" | "inactive";
  sites: {
    number: string;
    name: string;
    line1: string;
    zones: string[];
    csNumber: string;
    kind: string;
    panel: string;
    services: string[];
  }[];
  billing: {
    everyMonths: 1 | 3 | 12;
    centsPerSite: number;
    taxName: string | null;
    taxThousandths: number;
    paidBy: { kind: "card" | "bank" | "check"; brand: string; lastFour: string };
  };
  /** Others who may sign in, with their role. */
  others?: { name: string; email: string; role: "billing" | "service" | "viewer" }[];
  /** A test method on file, by the vendor's name for it; with a draft day it is on autopay. */
  method?: { token: string; draftDay?: number };
};

/** Everybody's password in the cast. It opens nothing but invented accounts on a developer's machine. */
export const CAST_PASSWORD = "porch-light-42";

const HOME_ZONES = ["Front door", "Back door", "Garage entry", "Hall motion", "Kitchen smoke", "Basement water"];

export const CEDAR_RIDGE = {
  slug: "cedar-ridge",
  settings: {
    name: "Cedar Ridge Alarm & Life Safety",
    phone: "(614) 555-0100",
    email: "help@cedarridge.example.com",
    line1: "1200 Demonstration Pkwy",
    city: "Springvale",
    state: "OH",
    zip: "45000",
    licence: "OH-DEMO-0001",
    remitTo: "Cedar Ridge Alarm & Life Safety\nPO Box 4500\nSpringvale, OH 45000",
    accent: "#0f766e",
  },
  apiKey: "imp_cedar_ridge_demo_key_for_a_developers_machine",
  staff: [
    { role: "owner" as const, name: "Ruth Calloway", email: "ruth@cedarridge.example.com" },
    { role: "office" as const, name: "Ben Ortega", email: "ben@cedarridge.example.com" },
  ],
  accounts: [
    {
      number: "CR-10021",
      name: "Dana Okafor",
      why: "happy path: monthly, card on autopay, texts on",
      firstName: "Dana",
      lastName: "Okafor",
      email: "dana@example.com",
      registered: true,
      phone: "+16145550121",
      line1: "14 Larkspur Ln",
      city: "Springvale",
      state: "OH",
      zip: "45001",
      registrationKey: "7KQ2M9XPAT",
      status: "active",
      sites: [
        {
          number: "CR-10021-1",
          name: "Home",
          line1: "14 Larkspur Ln",
          zones: HOME_ZONES,
          csNumber: "CR1021",
          kind: "Residential",
          panel: "Qolsys IQ4",
          services: ["Burglary", "Fire"],
        },
      ],
      billing: {
        everyMonths: 1,
        centsPerSite: 4495,
        taxName: "OH sales tax",
        taxThousandths: 67.5,
        paidBy: { kind: "card", brand: "visa", lastFour: "4242" },
      },
      method: { token: "pm_card_visa", draftDay: 5 },
    },
    {
      number: "CR-10034",
      name: "Luis and Maya Ferreira",
      why: "two sites, quarterly, bank payment on its way",
      firstName: "Maya",
      lastName: "Ferreira",
      email: "maya@example.com",
      registered: true,
      language: "es",
      phone: "+16145550134",
      line1: "88 Orchard Rise",
      city: "Springvale",
      state: "OH",
      zip: "45002",
      registrationKey: "3WD8Z5HRNC",
      status: "active",
      sites: [
        {
          number: "CR-10034-1",
          name: "House",
          line1: "88 Orchard Rise",
          zones: HOME_ZONES,
          csNumber: "CR1034",
          kind: "Residential",
          panel: "DMP XR150",
          services: ["Burglary", "Fire", "Carbon Monoxide"],
        },
        {
          number: "CR-10034-2",
          name: "Cabin",
          line1: "3 Loon Point Rd",
          zones: ["Front door", "Deck door", "Great room motion", "Low temperature"],
          csNumber: "CR1035",
          kind: "Residential",
          panel: "2GIG GC3",
          services: ["Burglary", "Low Temperature"],
        },
      ],
      billing: {
        everyMonths: 3,
        centsPerSite: 6742.5,
        taxName: null,
        taxThousandths: 0,
        paidBy: { kind: "bank", brand: "STRIPE TEST BANK", lastFour: "6789" },
      },
      method: { token: "pm_usBankAccount_success", draftDay: 15 },
    },
    {
      number: "CR-10047",
      name: "Harbor Street Dental",
      why: "business, annual, tax exempt, three people sign in",
      firstName: "Amara",
      lastName: "Lindgren",
      email: "amara@harborstreetdental.example.com",
      registered: true,
      phone: "+16145550147",
      line1: "210 Harbor St",
      city: "Springvale",
      state: "OH",
      zip: "45003",
      registrationKey: "9FJ4T6BVQE",
      status: "active",
      sites: [
        {
          number: "CR-10047-1",
          name: "Practice",
          line1: "210 Harbor St",
          zones: ["Front door", "Rear door", "Reception motion", "X-ray room", "Server closet", "Hall smoke"],
          csNumber: "CR1047",
          kind: "Commercial",
          panel: "DMP XR550",
          services: ["Burglary", "Fire", "Hold-Up"],
        },
      ],
      billing: {
        everyMonths: 12,
        centsPerSite: 114000,
        taxName: null,
        taxThousandths: 0,
        paidBy: { kind: "check", brand: "", lastFour: "1044" },
      },
      others: [
        { name: "Theo Marsh", email: "theo@harborstreetdental.example.com", role: "billing" },
        { name: "Ines Duarte", email: "ines@harborstreetdental.example.com", role: "viewer" },
      ],
    },
    {
      number: "CR-10052",
      name: "Priya Raman",
      why: "past due 12, 41 and 95 days, one partly paid, 25.00 credit",
      firstName: "Priya",
      lastName: "Raman",
      email: "priya@example.com",
      registered: true,
      phone: "+16145550152",
      line1: "5 Tamarack Ct",
      city: "Springvale",
      state: "OH",
      zip: "45001",
      registrationKey: "5NB7C2YKDM",
      status: "active",
      sites: [
        {
          number: "CR-10052-1",
          name: "Home",
          line1: "5 Tamarack Ct",
          zones: HOME_ZONES,
          csNumber: "CR1052",
          kind: "Residential",
          panel: "Honeywell Vista-20P",
          services: ["Burglary"],
        },
      ],
      billing: {
        everyMonths: 1,
        centsPerSite: 3995,
        taxName: "OH sales tax",
        taxThousandths: 67.5,
        paidBy: { kind: "check", brand: "", lastFour: "2207" },
      },
      method: { token: "pm_card_mastercard" },
    },
    {
      number: "CR-10068",
      name: "Glenn Abbott",
      why: "no e-mail on file, pays by mail",
      firstName: "Glenn",
      lastName: "Abbott",
      email: null,
      registered: false,
      phone: "+16145550168",
      line1: "902 Cider Mill Rd",
      city: "Springvale",
      state: "OH",
      zip: "45004",
      registrationKey: "8HX3V9SGWA",
      status: "active",
      sites: [
        {
          number: "CR-10068-1",
          name: "Home",
          line1: "902 Cider Mill Rd",
          zones: ["Front door", "Side door", "Medical pendant", "Hall smoke"],
          csNumber: "CR1068",
          kind: "Residential",
          panel: "Honeywell Vista-20P",
          services: ["Burglary", "Medical"],
        },
      ],
      billing: {
        everyMonths: 1,
        centsPerSite: 2995,
        taxName: "OH sales tax",
        taxThousandths: 67.5,
        paidBy: { kind: "check", brand: "", lastFour: "0613" },
      },
    },
    {
      number: "CR-10073",
      name: "Tomas Lindqvist",
      why: "card that the bank wants confirmed (3-D Secure), texts stopped",
      firstName: "Tomas",
      lastName: "Lindqvist",
      email: "tomas@example.com",
      registered: true,
      phone: "+16145550173",
      line1: "31 Quarry Hill",
      city: "Springvale",
      state: "OH",
      zip: "45002",
      registrationKey: "4RT6P8JZQF",
      status: "active",
      sites: [
        {
          number: "CR-10073-1",
          name: "Home",
          line1: "31 Quarry Hill",
          zones: HOME_ZONES,
          csNumber: "CR1073",
          kind: "Residential",
          panel: "Qolsys IQ4",
          services: ["Burglary", "Water"],
        },
      ],
      billing: {
        everyMonths: 1,
        centsPerSite: 4995,
        taxName: "OH sales tax",
        taxThousandths: 67.5,
        paidBy: { kind: "card", brand: "visa", lastFour: "3184" },
      },
      method: { token: "pm_card_authenticationRequired" },
    },
    {
      number: "CR-10081",
      name: "Northgate Storage LLC",
      why: "24 zones; its bank took a payment back, the invoice is open again",
      firstName: "Odell",
      lastName: "Price",
      email: "office@northgatestorage.example.com",
      registered: true,
      phone: "+16145550181",
      line1: "4400 Northgate Blvd",
      city: "Springvale",
      state: "OH",
      zip: "45005",
      registrationKey: "6MA9E4KXTC",
      status: "active",
      sites: [
        {
          number: "CR-10081-1",
          name: "Storage yard",
          line1: "4400 Northgate Blvd",
          zones: Array.from(
            { length: 24 },
            (_, i) => `Row ${String.fromCharCode(65 + Math.floor(i / 4))} door ${(i % 4) + 1}`,
          ),
          csNumber: "CR1081",
          kind: "Commercial",
          panel: "DMP XR550",
          services: ["Burglary", "Fire"],
        },
      ],
      billing: {
        everyMonths: 1,
        centsPerSite: 18900,
        taxName: "OH sales tax",
        taxThousandths: 67.5,
        paidBy: { kind: "bank", brand: "STRIPE TEST BANK", lastFour: "6789" },
      },
      method: { token: "pm_usBankAccount_success" },
    },
    {
      number: "CR-10090",
      name: "Wren Castillo",
      why: "cancelled account with 18.20 credit",
      firstName: "Wren",
      lastName: "Castillo",
      email: "wren@example.com",
      registered: true,
      phone: "+16145550190",
      line1: "77 Fern Hollow",
      city: "Springvale",
      state: "OH",
      zip: "45001",
      registrationKey: "2ZC5D7WHNB",
      status: "inactive",
      sites: [
        {
          number: "CR-10090-1",
          name: "Home",
          line1: "77 Fern Hollow",
          zones: HOME_ZONES,
          csNumber: "CR1090",
          kind: "Residential",
          panel: "2GIG GC3",
          services: ["Burglary"],
        },
      ],
      billing: {
        everyMonths: 1,
        centsPerSite: 3495,
        taxName: "OH sales tax",
        taxThousandths: 67.5,
        paidBy: { kind: "card", brand: "visa", lastFour: "1881" },
      },
    },
    {
      number: "CR-10105",
      name: "Imani Brooks",
      why: "new, not registered yet",
      firstName: "Imani",
      lastName: "Brooks",
      email: "imani@example.com",
      registered: false,
      phone: "+16145550105",
      line1: "640 Depot St",
      city: "Springvale",
      state: "OH",
      zip: "45003",
      registrationKey: "K8V4G2QRMX",
      status: "active",
      sites: [
        {
          number: "CR-10105-1",
          name: "Home",
          line1: "640 Depot St",
          zones: HOME_ZONES,
          csNumber: "CR1105",
          kind: "Residential",
          panel: "Qolsys IQ4",
          services: ["Burglary"],
        },
      ],
      billing: {
        everyMonths: 1,
        centsPerSite: 4495,
        taxName: "OH sales tax",
        taxThousandths: 67.5,
        paidBy: { kind: "card", brand: "visa", lastFour: "4242" },
      },
    },
  ] satisfies CastAccount[] as CastAccount[],
};

export const BLUEBONNET = {
  slug: "bluebonnet",
  settings: {
    name: "Bluebonnet Security Co.",
    phone: "(512) 555-0100",
    email: "help@bluebonnet.example.com",
    line1: "77 Mesquite Way",
    city: "Dry Creek",
    state: "TX",
    zip: "78600",
    licence: "TX-DEMO-0002",
    remitTo: "Bluebonnet Security Co.\nPO Box 770\nDry Creek, TX 78600",
    accent: "#3b4cb8",
  },
  apiKey: "imp_bluebonnet_demo_key_for_a_developers_machine",
  staff: [{ role: "owner" as const, name: "Hank Villarreal", email: "hank@bluebonnet.example.com" }],
  accounts: [
    {
      number: "BB-20001",
      name: "Dana Okafor",
      why: "twin with the same e-mail at another dealer",
      firstName: "Dana",
      lastName: "Okafor",
      email: "dana@example.com",
      registered: true,
      phone: "+15125550121",
      line1: "9 Prickly Pear Dr",
      city: "Dry Creek",
      state: "TX",
      zip: "78601",
      registrationKey: "H3N7T5CKWE",
      status: "active",
      sites: [
        {
          number: "BB-20001-1",
          name: "Ranch house",
          line1: "9 Prickly Pear Dr",
          zones: HOME_ZONES,
          csNumber: "BB2001",
          kind: "Residential",
          panel: "Qolsys IQ4",
          services: ["Burglary"],
        },
      ],
      billing: {
        everyMonths: 1,
        centsPerSite: 5250,
        taxName: "TX sales tax",
        taxThousandths: 82.5,
        paidBy: { kind: "card", brand: "mastercard", lastFour: "4444" },
      },
      method: { token: "pm_card_mastercard" },
    },
  ] satisfies CastAccount[] as CastAccount[],
};

export type CastDealer = typeof CEDAR_RIDGE;

/** Both dealers of the cast. */
export const CAST: readonly CastDealer[] = [CEDAR_RIDGE, { ...BLUEBONNET, staff: [...BLUEBONNET.staff] }];
