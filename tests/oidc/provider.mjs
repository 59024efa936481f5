// A provider for the tests: whoever logs in as NAME is NAME, with the verified mail NAME@x.example.
import Provider from "oidc-provider";

const [port, back] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "tram",
      client_secret: "a secret of the tests",
      redirect_uris: [back],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  cookies: { keys: ["a key of the tests"] },
  pkce: { required: () => true },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@x.example`, email_verified: !id.startsWith("new") }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
