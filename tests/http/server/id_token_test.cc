// ID tokens through a running server, with the keys of an https server whose authority it is told
// to trust.

#include <gtest/gtest.h>

#include <mutex>

#include "base/clock.h"
#include "json/write.h"
#include "support/certificates.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"
#include "support/tls_server.h"
#include "support/token_signer.h"

namespace vestibule::test {
namespace {

using jose::Algorithm;

constexpr const char* kIssuer = "https://idp.example";

json::Object claims() {
  const std::int64_t seconds = now() / 1'000'000;
  return {{"iss", kIssuer},         {"aud", "gateway"}, {"sub", "s-1"},
          {"exp", seconds + 3'600}, {"iat", seconds},   {"preferred_username", "hidden-name"}};
}

class ServedIdToken : public ::testing::Test {
 protected:
  /// Applies an identity provider whose keys are at the issuer.
  void apply(const ServerProcess& server) const {
    const json::Object settings{
        {"name", "idp"},
        {"claims", json::Object{{"userIdClaim", "preferred_username"}}},
        {"jit", json::Object{{"isEnabled", true}}},
        {"idToken",
         json::Object{{"issuer", kIssuer},
                      {"clientIds", json::Array{"gateway"}},
                      {"jwksUri", "https://localhost:" + std::to_string(issuer_.port()) + "/keys"},
                      {"algorithms", json::Array{"ES256"}}}}};
    const auto applied =
        server.internal("POST", "/admin/v1/identity-providers", server.token("admin", "admin"),
                        json::write(settings), {"Content-Type: application/json"});
    ASSERT_EQ(applied.status, 201) << applied.body;
  }
  static Answer login(const ServerProcess& server, const std::string& jit,
                      const std::string& token) {
    return server.internal(
        "POST", "/jit/v1/provision", jit,
        json::write(json::Object{{"identityProvider", "idp"}, {"idToken", token}}),
        {"Content-Type: application/json"});
  }

  TemporaryFolder folder_;
  CertificateAuthority authority_{folder_.path(), "test"};
  TokenSigner signer_{jose::KeyType::kP256};
  TlsServer issuer_{authority_.issue("localhost"), [this](const std::string&) {
                      return httpAnswer(keySetText({signer_.jwk("one")}));
                    }};
};

TEST_F(ServedIdToken, ComesToItsUserWithKeysThatAreFetchedOnce) {
  const ServerProcess server(
      VESTIBULE_BINARY, folder_.path() / "data",
      {{"VESTIBULE_JIT_CA_FILE", authority_.file()}, {"VESTIBULE_LOG_LEVEL", "debug"}});
  apply(server);
  const auto jit = server.token("jit", "jit");
  EXPECT_EQ(issuer_.requests(), 0);
  const std::string token = signer_.token(Algorithm::kEs256, "one", claims());
  const auto first = login(server, jit, token);
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(first.json().find("user")->stringAt("userName"), "hidden-name");
  for (int i = 0; i < 5; ++i) {
    const auto again = login(server, jit, token);
    ASSERT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(again.json().stringAt("outcome"), "unchanged");
  }
  // J-2: strangers cannot make the server ask again and again.
  for (int i = 0; i < 5; ++i) {
    const auto unknown =
        login(server, jit, signer_.token(Algorithm::kEs256, "key-" + std::to_string(i), claims()));
    EXPECT_EQ(unknown.json().stringAt("code"), "JIT-1613") << unknown.body;
  }
  EXPECT_EQ(issuer_.requests(), 1);

  const std::string log = server.log();
  EXPECT_NE(log.find("JIT-1613"), std::string::npos);
  EXPECT_EQ(log.find(token.substr(token.rfind('.') + 1)), std::string::npos) << "no signature";
  EXPECT_EQ(log.find(token.substr(token.find('.') + 1, 40)), std::string::npos) << "no claims";
  EXPECT_EQ(log.find("hidden-name"), std::string::npos);
}

TEST_F(ServedIdToken, IsRefusedForNowWhenNobodyVouchesForTheServerOfTheKeys) {
  const ServerProcess server(VESTIBULE_BINARY, folder_.path() / "data");
  apply(server);
  const auto refused =
      login(server, server.token("jit", "jit"), signer_.token(Algorithm::kEs256, "one", claims()));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.json().stringAt("code"), "JIT-1621");
  EXPECT_TRUE(refused.header("Retry-After"));
  EXPECT_EQ(issuer_.requests(), 0);
  EXPECT_NE(server.log().find("cannot be read: SSL"), std::string::npos) << server.log();
}

TEST_F(ServedIdToken, NeedsTheFileOfAuthoritiesThatIsNamed) {
  const auto check = runCommand(VESTIBULE_BINARY, {"serve"},
                                {{"VESTIBULE_DATA_DIR", (folder_.path() / "data").string()},
                                 {"VESTIBULE_SERVER_PUBLIC_PORT", "0"},
                                 {"VESTIBULE_SERVER_INTERNAL_PORT", "0"},
                                 {"VESTIBULE_JIT_CA_FILE", "/nonexistent/ca.pem"}});
  EXPECT_NE(check.status, 0);
  EXPECT_NE(check.errors.find("jit.ca_file: there is no file /nonexistent/ca.pem"),
            std::string::npos)
      << check.errors;
}

}  // namespace
}  // namespace vestibule::test
