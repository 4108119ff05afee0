/** What `.dev/portal.json` tells scripts: where everything is and who can sign in with what. */
export type Portal = { town: string; dealers: PortalDealer[] };

export type PortalDealer = {
  name: string;
  url: string;
  apiKey: string;
  smsNumber: string;
  smsAuthToken: string;
  customers: PortalCustomer[];
  staff: { role: string; email: string; password: string }[];
};

/** `why` says what this customer is there to show. Null where the customer has none of it (yet). */
type PortalCustomer = {
  name: string;
  why: string;
  number: string;
  email: string | null;
  password: string | null;
  phone: string | null;
  zip: string;
  registrationKey: string;
  systems: string[];
};
