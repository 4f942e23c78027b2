// Requests to a real https server with an authority of its own.

#include "outbound/http_transport.h"

#include <gtest/gtest.h>

#include <thread>

#include "jose/authorization.h"
#include "support/certificates.h"
#include "support/temporary_folder.h"
#include "support/tls_server.h"

namespace vestibule::outbound {
namespace {

using std::chrono::milliseconds;
using test::httpAnswer;
using test::TlsServer;

class HttpTransportTest : public ::testing::Test {
 protected:
  HttpTransportTest()
      : authority_(folder_.path(), "test"), certificate_(authority_.issue("localhost")) {
    // The proxies of whoever runs the tests have no business here.
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
      ::unsetenv(name);
    }
  }

  HttpTransportOptions options() {
    HttpTransportOptions made;
    made.ca_file = authority_.file();
    made.authorization = jose::bearerAuthorization("s3cr3t");
    made.total_limit = milliseconds(5'000);
    return made;
  }
  RemoteAnswer ask(const TlsServer& server, HttpTransportOptions made,
                   const std::string& method = "GET", const std::string& body = "",
                   const std::string& host = "localhost") {
    const auto transport = httpTransport(std::move(made), stop_);
    return transport(
        {method, "https://" + host + ":" + std::to_string(server.port()) + "/scim/v2/Users", body});
  }

  test::TemporaryFolder folder_;
  test::CertificateAuthority authority_;
  test::Certificate certificate_;
  std::atomic<bool> stop_{false};
};

TEST_F(HttpTransportTest, SendsBodyAndBearerToken) {
  std::string seen;
  TlsServer server(certificate_, [&](const std::string& request) {
    seen = request;
    return httpAnswer("{}", {}, "201 Created");
  });
  const auto answer = ask(server, options(), "POST", R"({"userName":"ada"})");
  EXPECT_EQ(answer.status, 201) << answer.fault;
  EXPECT_EQ(answer.body, "{}");
  EXPECT_EQ(seen.rfind("POST /scim/v2/Users HTTP/1.1\r\n", 0), 0U) << seen;
  for (const char* line :
       {"Authorization: Bearer s3cr3t\r\n", "Content-Type: application/scim+json\r\n",
        "Accept: application/scim+json, application/json\r\n", "Content-Length: 18\r\n"}) {
    EXPECT_NE(seen.find(line), std::string::npos) << line << seen;
  }
  EXPECT_EQ(seen.find("Expect:"), std::string::npos);
}

TEST_F(HttpTransportTest, SendsUserNameAndPassword) {
  std::string seen;
  TlsServer server(certificate_, [&](const std::string& request) {
    seen = request;
    return httpAnswer("{}");
  });
  auto basic = options();
  basic.authorization = jose::basicAuthorization("Aladdin", "open sesame");
  EXPECT_EQ(ask(server, std::move(basic)).status, 200);
  // RFC 7617 §2, with a space in lower case.
  EXPECT_NE(seen.find("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"), std::string::npos)
      << seen;
}

TEST_F(HttpTransportTest, SendsNoCredentialWithoutASecret) {
  std::string seen;
  TlsServer server(certificate_, [&](const std::string& request) {
    seen = request;
    return httpAnswer("{}");
  });
  auto none = options();
  none.authorization = Secret();
  EXPECT_EQ(ask(server, std::move(none)).status, 200);
  EXPECT_EQ(seen.find("Authorization"), std::string::npos) << seen;
}

TEST_F(HttpTransportTest, TellsWhatTheAnswerSays) {
  TlsServer server(certificate_, [&](const std::string&) {
    return httpAnswer("busy", {"Retry-After: 7"}, "503 Service Unavailable");
  });
  const auto answer = ask(server, options());
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "busy");
  EXPECT_EQ(answer.retry_after, std::chrono::seconds(7));
}

TEST_F(HttpTransportTest, PassesOverARetryAfterThatIsNoNumber) {
  for (const char* value :
       {"", "soon", "-1", "99999999999999999999", "Mon, 30 Nov 2026 00:00:00 GMT"}) {
    TlsServer server(certificate_, [&](const std::string&) {
      return httpAnswer("", {std::string("Retry-After: ") + value}, "429 Too Many Requests");
    });
    EXPECT_FALSE(ask(server, options()).retry_after) << value;
  }
}

TEST_F(HttpTransportTest, FollowsNoRedirect) {
  TlsServer other(certificate_, [](const std::string&) { return httpAnswer("{}"); });
  TlsServer server(certificate_, [&](const std::string&) {
    return httpAnswer("", {"Location: https://localhost:" + std::to_string(other.port()) + "/"},
                      "307 Temporary Redirect");
  });
  EXPECT_EQ(ask(server, options()).status, 307);
  EXPECT_EQ(other.requests(), 0) << "the secret is for nobody else";
}

TEST_F(HttpTransportTest, TrustsNobodyElse) {
  TlsServer server(certificate_, [](const std::string&) { return httpAnswer("{}"); });
  auto system = options();
  system.ca_file.clear();
  EXPECT_EQ(ask(server, std::move(system)).status, 0) << "an authority that the system has not";
  EXPECT_EQ(ask(server, options(), "GET", "", "127.0.0.1").status, 0) << "another name";
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(HttpTransportTest, TakesNoMoreThanTheLimit) {
  TlsServer server(certificate_, [](const std::string&) {
    return httpAnswer(std::string(kMaxAnswerBytes + 1, 'x'));
  });
  const auto answer = ask(server, options());
  EXPECT_EQ(answer.status, 0);
  EXPECT_NE(answer.fault.find("more than"), std::string::npos) << answer.fault;
}

TEST_F(HttpTransportTest, SaysWhyThereIsNoAnswerWithoutTheSecret) {
  const auto transport = httpTransport(options(), stop_);
  const auto answer = transport({"GET", "https://127.0.0.1:1/scim", ""});
  EXPECT_EQ(answer.status, 0);
  EXPECT_FALSE(answer.fault.empty());
  EXPECT_EQ(answer.fault.find("s3cr3t"), std::string::npos);
}

TEST_F(HttpTransportTest, EndsWithinItsLimitAndWhenItIsToStop) {
  std::atomic<bool> go{false};
  TlsServer server(certificate_, [&](const std::string&) {
    while (!go) std::this_thread::yield();
    return std::string();
  });
  auto short_limit = options();
  short_limit.total_limit = milliseconds(200);
  EXPECT_EQ(ask(server, std::move(short_limit)).status, 0);
  stop_ = true;
  auto long_limit = options();
  long_limit.total_limit = milliseconds(600'000);
  EXPECT_EQ(ask(server, std::move(long_limit)).status, 0);
  go = true;
}

}  // namespace
}  // namespace vestibule::outbound
