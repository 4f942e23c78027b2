// A server whose addresses serve HTTPS, as its configuration says.

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "json/parse.h"
#include "support/certificates.h"
#include "support/processes.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"
#include "support/tls_client.h"

namespace vestibule::test {
namespace {

namespace fs = std::filesystem;

/// One server with a certificate of its own for each address, whose internal address wants
/// certificates of its clients.
class ServedTls : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<TemporaryFolder>();
    authority = std::make_unique<CertificateAuthority>(folder->path(), "house");
    outside = authority->issue("outside");
    inside = authority->issue("inside");
    gateway = authority->issue("gateway");
    for (const auto& files : {outside, inside}) {
      fs::permissions(files.key, fs::perms::owner_read | fs::perms::owner_write);
    }
    variables = {{"VESTIBULE_SERVER_PUBLIC_TLS_CERTIFICATE", outside.certificate},
                 {"VESTIBULE_SERVER_PUBLIC_TLS_KEY", outside.key},
                 {"VESTIBULE_SERVER_INTERNAL_TLS_CERTIFICATE", inside.certificate},
                 {"VESTIBULE_SERVER_INTERNAL_TLS_KEY", inside.key},
                 {"VESTIBULE_SERVER_INTERNAL_TLS_CLIENT_CA", authority->file()}};
    server = std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder->path() / "data", variables);
  }
  static void TearDownTestSuite() {
    server.reset();
    authority.reset();
    folder.reset();
  }

  /// One request by TLS; nothing when there is no answer.
  static std::optional<RawAnswer> ask(std::uint16_t port, const TlsClientOptions& options,
                                      const std::string& request) {
    TlsClient client(port, options);
    if (!client.handshake() || !client.send(request)) return std::nullopt;
    return client.receive();
  }
  static std::string request(const std::string& method, const std::string& target,
                             const std::string& token, const std::string& body = "") {
    return method + ' ' + target + " HTTP/1.1\r\nHost: id.example:8443\r\nAuthorization: Bearer " +
           token +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }
  static std::optional<RawAnswer> askOutside(const std::string& text) {
    return ask(server->publicPort(), {.ca_file = authority->file(), .host = "outside"}, text);
  }
  static std::optional<RawAnswer> askInside(const std::string& text) {
    return ask(server->internalPort(),
               {.ca_file = authority->file(), .certificate = gateway, .host = "inside"}, text);
  }
  /// A token that the server knows.
  static std::string token(const std::string& name, const std::string& scope) {
    auto made = server->token(name, scope);
    EXPECT_TRUE(eventually([&] {
      const auto answer = askOutside(request("GET", "/scim/v2/Me", made));
      return answer && answer->status != 401;
    }));
    return made;
  }
  static std::string nameOutside() {
    TlsClient client(server->publicPort());
    return client.handshake() ? client.serverName() : "";
  }
  static bool logHas(const std::string& text) {
    return server->log().find(text) != std::string::npos;
  }
  static std::string contentOf(const fs::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  static inline std::unique_ptr<TemporaryFolder> folder;
  static inline std::unique_ptr<CertificateAuthority> authority;
  static inline Certificate outside, inside, gateway;
  static inline std::map<std::string, std::string> variables;
  static inline std::unique_ptr<ServerProcess> server;
};

TEST_F(ServedTls, UrlsSayHttps) {
  const auto ready = contentOf(folder->path() / "data.ready");
  EXPECT_NE(ready.find("VESTIBULE_SCIM_URL=https://127.0.0.1:"), std::string::npos) << ready;
  EXPECT_NE(ready.find("VESTIBULE_INTERNAL_URL=https://127.0.0.1:"), std::string::npos) << ready;
  EXPECT_TRUE(logHas("serving SCIM on https://127.0.0.1:")) << server->log();
  EXPECT_TRUE(logHas("need a certificate of " + authority->file())) << server->log();

  const auto writer = token("writer", "scim:read scim:write");
  const auto made = askOutside(
      request("POST", "/scim/v2/Users", writer,
              R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada"})"));
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->status, 201) << made->body;
  const auto location = made->header("Location").value_or("");
  EXPECT_EQ(location.rfind("https://id.example:8443/scim/v2/Users/", 0), 0U) << location;
}

TEST_F(ServedTls, PromptsAreHttpsAndTheirCookieIsSecure) {
  const auto admin = token("admin", "admin");
  const auto jit = token("jit", "jit");
  const auto applied = askInside(
      request("POST", "/admin/v1/identity-providers", admin,
              R"({"name": "idp", "claims": {"userIdClaim": "uid"}, "jit": {"isEnabled": true,
          "scheme": "PROMPT_USERNAME_PASSWORD_CONSENT",
          "prompt": {"returnOrigins": ["https://gateway.example"]}}})"));
  ASSERT_TRUE(applied.has_value());
  ASSERT_EQ(applied->status, 201) << applied->body;
  const auto login =
      askInside(request("POST", "/jit/v1/provision", jit,
                        R"({"identityProvider": "idp", "subject": "s-1", "claims": {"uid": "zoe"},
          "returnUrl": "https://gateway.example/"})"));
  ASSERT_TRUE(login.has_value());
  const auto answer = json::parse(login->body);
  ASSERT_TRUE(answer);
  ASSERT_NE(answer->find("prompt"), nullptr) << login->body;
  const std::string url(answer->find("prompt")->stringAt("url").value_or(""));
  const std::string origin = "https://127.0.0.1:" + std::to_string(server->publicPort());
  ASSERT_EQ(url.rfind(origin + "/provision/", 0), 0U) << url;
  const auto page = askOutside("GET " + url.substr(origin.size()) +
                               " HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n");
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->status, 200);
  const auto cookie = page->header("Set-Cookie").value_or("");
  EXPECT_EQ(cookie.rfind("__Secure-vestibule_prompt=", 0), 0U) << page->head << page->body;
  EXPECT_TRUE(cookie.ends_with("; Secure")) << cookie;
}

TEST_F(ServedTls, TheInternalAddressWantsACertificateAndAToken) {
  const CertificateAuthority others(folder->path(), "others");
  const auto ping = request("GET", "/healthz", "");
  EXPECT_FALSE(ask(server->internalPort(), {}, ping).has_value());
  EXPECT_FALSE(
      ask(server->internalPort(), {.certificate = others.issue("stranger")}, ping).has_value());
  EXPECT_EQ(askInside(ping)->status, 200);
  EXPECT_EQ(askInside(request("GET", "/admin/v1/domains", "nonsense"))->status, 401);
  EXPECT_TRUE(ask(server->publicPort(), {}, ping).has_value()) << "the public one does not";
}

TEST_F(ServedTls, SighupRenewsTheCertificateOrKeepsTheOldOne) {
  EXPECT_EQ(nameOutside(), "outside");
  TlsClient old(server->publicPort());
  ASSERT_TRUE(old.handshake());
  const auto key = contentOf(outside.key);
  std::ofstream(outside.key) << "damaged";
  server->signal(SIGHUP);
  ASSERT_TRUE(
      eventually([] { return logHas("server.public_tls: the certificate is not renewed: "); }));
  EXPECT_TRUE(logHas(outside.key + " holds no private key in PEM")) << server->log();
  EXPECT_EQ(nameOutside(), "outside");

  const auto renewed = authority->issue("renewed");
  fs::copy_file(renewed.certificate, outside.certificate, fs::copy_options::overwrite_existing);
  fs::copy_file(renewed.key, outside.key, fs::copy_options::overwrite_existing);
  server->signal(SIGHUP);
  EXPECT_TRUE(eventually([] { return nameOutside() == "renewed"; })) << server->log();
  ASSERT_TRUE(old.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(old.receive()->status, 200);
  EXPECT_EQ(old.serverName(), "outside");

  fs::remove(outside.certificate);
  fs::remove(outside.key);
  outside = authority->issue("outside");
  fs::permissions(outside.key, fs::perms::owner_read | fs::perms::owner_write);
  server->signal(SIGHUP);
  EXPECT_TRUE(eventually([] { return nameOutside() == "outside"; })) << server->log();
}

TEST_F(ServedTls, CheckReadsTheFiles) {
  const auto good = server->command({"check"});
  EXPECT_EQ(good.status, 0) << good.output << good.errors;
  EXPECT_EQ(good.output.find("tls"), std::string::npos) << good.output;
  fs::permissions(inside.key, fs::perms::others_read, fs::perm_options::add);
  const auto open = server->command({"check"});
  EXPECT_EQ(open.status, 0);
  EXPECT_NE(open.output.find("warning: server.internal_tls: " + inside.key + " is a private key"),
            std::string::npos)
      << open.output;
  fs::permissions(inside.key, fs::perms::others_read, fs::perm_options::remove);
  fs::rename(inside.key, inside.key + ".away");
  const auto missing = server->command({"check"});
  fs::rename(inside.key + ".away", inside.key);
  EXPECT_EQ(missing.status, 1);
  EXPECT_NE(missing.output.find("error: server.internal_tls: " + inside.key + " cannot be read"),
            std::string::npos)
      << missing.output;
}

TEST_F(ServedTls, ServeDoesNotStartWithFilesThatItCannotUse) {
  auto wrong = variables;
  wrong["VESTIBULE_DATA_DIR"] = (folder->path() / "never").string();
  wrong["VESTIBULE_SERVER_PUBLIC_TLS_KEY"] = inside.key;
  const auto result = runCommand(VESTIBULE_BINARY, {"serve"}, wrong);
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.errors.find("server.public_tls: " + inside.key +
                               " does not belong to the first "
                               "certificate of " +
                               outside.certificate),
            std::string::npos)
      << result.errors;
  EXPECT_FALSE(fs::exists(folder->path() / "never")) << "before anything else is touched";
}

}  // namespace
}  // namespace vestibule::test
