/** Variables of the environment that commands read; an option on the command line wins. */
export const ENVIRONMENT: { readonly [variable: string]: string } = {
  BELLWETHER_CONFIG: 'Configuration file.',
  BELLWETHER_HOST: 'Address to listen on.',
  BELLWETHER_PORT: 'Port to listen on.',
  BELLWETHER_DATA: 'Folder of the database.',
  BELLWETHER_KEY:
    'Virtual key, or `file:PATH`. `serve` puts it in force instead of printing a first key; `chat` presents it.',
  BELLWETHER_ADMIN_KEY:
    'Admin key, or `file:PATH`. `serve` puts it in force instead of printing one; `keys`, `requests` and `simulate fault` present it.',
  BELLWETHER_URL: 'Address of the gateway that `chat`, `keys`, `requests` and `simulate fault` ask.',
  NO_COLOR: 'Anything: write without colours.',
};
