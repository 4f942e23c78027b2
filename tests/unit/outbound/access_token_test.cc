// Access tokens from an endpoint of a test, and requests that carry them.

#include "outbound/access_token.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <mutex>

#include "outbound/http_transport.h"
#include "support/http_receiver.h"

namespace vestibule::outbound {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::HttpReceiver;
using test::ReceivedRequest;

constexpr const char* kGood = R"({"access_token":"first","token_type":"bearer","expires_in":600})";

class AccessTokenTest : public ::testing::Test {
 protected:
  AccessTokenTest() {
    // The proxies of whoever runs the tests have no business here.
    for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
    rules_.allow_http = true;
  }

  /// What the endpoint answers from now on.
  void answer(int status, std::string body) {
    const std::lock_guard lock(mutex_);
    answer_ = {status, std::move(body)};
  }
  HttpReceiver::Answer answer() {
    const std::lock_guard lock(mutex_);
    return answer_;
  }
  TokenEndpoint at(const HttpReceiver& server, const std::string& scope = "scim") {
    return {server.url(), "vesti bule", scope};
  }
  /// The value of Authorization, or why there is none.
  std::string authorization(AccessToken& token, AccessToken::Clock::time_point moment) {
    const auto held = token.at(moment, rules_, stop_);
    return held ? std::string(held->authorization->exposeSecret()) : held.error().internal;
  }

  std::mutex mutex_;
  HttpReceiver::Answer answer_{200, kGood};
  HttpReceiver endpoint_{[this](std::size_t, const ReceivedRequest&) { return answer(); }};
  jose::HttpRules rules_;
  std::atomic<bool> stop_{false};
  const AccessToken::Clock::time_point start_ = AccessToken::Clock::now();
};

TEST_F(AccessTokenTest, IsAskedForAsTheRfcHasIt) {
  AccessToken token(at(endpoint_, "scim users:write"), "s3cr:t%");
  EXPECT_EQ(authorization(token, start_), "Bearer first");
  const auto request = endpoint_.requests().front();
  EXPECT_EQ(request.head.rfind("POST ", 0), 0U) << request.head;
  EXPECT_EQ(request.body, "grant_type=client_credentials&scope=scim%20users%3Awrite");
  EXPECT_EQ(request.field("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.field("Accept"), "application/json");
  // `vesti%20bule:s3cr%3At%25`: RFC 6749 §2.3.1 encodes both before RFC 7617 does.
  EXPECT_EQ(request.field("Authorization"), "Basic dmVzdGklMjBidWxlOnMzY3IlM0F0JTI1");
}

TEST_F(AccessTokenTest, AsksForNoScopeWhereNoneIsSet) {
  AccessToken token(at(endpoint_, ""), "s3cr3t");
  EXPECT_EQ(authorization(token, start_), "Bearer first");
  EXPECT_EQ(endpoint_.requests().front().body, "grant_type=client_credentials");
}

TEST_F(AccessTokenTest, IsKeptUntilShortlyBeforeItEnds) {
  const struct {
    std::string expires;
    milliseconds kept;
  } cases[] = {
      {R"(,"expires_in":600)", seconds(570)},
      {R"(,"expires_in":"600")", seconds(570)},
      {R"(,"expires_in":10)", seconds(8)},
      {"", seconds(3'570)},
      {R"(,"expires_in":99999999999)", seconds(86'370)},
  };
  for (const auto& look : cases) {
    answer(200, R"({"access_token":"first","token_type":"Bearer")" + look.expires + "}");
    AccessToken token(at(endpoint_), "s3cr3t");
    EXPECT_EQ(authorization(token, start_), "Bearer first") << look.expires;
    answer(200, R"({"access_token":"second","token_type":"Bearer"})");
    EXPECT_EQ(authorization(token, start_ + look.kept - milliseconds(1)), "Bearer first")
        << look.expires;
    EXPECT_EQ(authorization(token, start_ + look.kept), "Bearer second") << look.expires;
  }
}

TEST_F(AccessTokenTest, ServesOnceWhereItEndsAtOnce) {
  for (const char* expires : {"0", "-5"}) {
    answer(200, std::string(R"({"access_token":"x","token_type":"Bearer","expires_in":)") +
                    expires + "}");
    AccessToken token(at(endpoint_), "s3cr3t");
    for (int i = 0; i < 2; ++i) {
      const auto held = token.at(start_, rules_, stop_);
      ASSERT_TRUE(held) << held.error().internal;
      EXPECT_TRUE(held->is_new) << expires;
    }
  }
}

TEST_F(AccessTokenTest, SaysWhyThereIsNone) {
  const struct {
    int status;
    std::string body;
    std::string reason;
  } cases[] = {
      {401, R"({"error":"invalid_client"})", "status 401: invalid_client"},
      {400, R"({"error":"invalid_scope","error_description":"no\u0007such"})",
       "status 400: invalid_scope: no"},
      {503, "busy", "status 503"},
      {302, "", "status 302: redirects are not followed"},
      {201, kGood, "status 201"},
      {200, "<html>", "the answer is no JSON object"},
      {200, R"(["first"])", "the answer is no JSON object"},
      {200, R"({"token_type":"Bearer"})", "the answer has no access_token"},
      {200, R"({"access_token":7,"token_type":"Bearer"})", "the answer has no access_token"},
      {200, R"({"access_token":"","token_type":"Bearer"})", "the answer has no access_token"},
      {200, R"({"access_token":"a\r\nX: y","token_type":"Bearer"})",
       "the answer has no access_token"},
      {200, R"({"access_token":"first"})", "the answer has no token_type Bearer"},
      {200, R"({"access_token":"first","token_type":"mac"})",
       "the answer has no token_type Bearer"},
      {200, std::string(kMaxTokenAnswerBytes + 1, ' '), "the answer has more than 65536 bytes"},
  };
  for (const auto& look : cases) {
    answer(look.status, look.body);
    AccessToken token(at(endpoint_), "s3cr3t");
    const auto reason = authorization(token, start_);
    EXPECT_EQ(reason.rfind("no access token: " + look.reason, 0), 0U) << reason;
    EXPECT_EQ(reason.find("s3cr3t"), std::string::npos);
    // And is asked for again by the next request.
    answer(200, kGood);
    EXPECT_EQ(authorization(token, start_), "Bearer first") << look.reason;
  }
}

/// A target behind the endpoint, by the transport.
class TokenTransportTest : public AccessTokenTest {
 protected:
  TokenTransportTest() {
    HttpTransportOptions options;
    options.token = std::make_unique<AccessToken>(at(endpoint_), "s3cr3t");
    transport_ = httpTransport(std::move(options), stop_);
  }

  RemoteAnswer ask() { return transport_({"POST", target_.url(), "{}"}); }
  static int statusFor(const ReceivedRequest& request, const std::string& taken) {
    return request.field("Authorization") == "Bearer " + taken ? 201 : 401;
  }

  std::string taken_ = "first";  ///< the token that the target takes; guarded by mutex_
  HttpReceiver target_{[this](std::size_t, const ReceivedRequest& request) {
    const std::lock_guard lock(mutex_);
    return HttpReceiver::Answer{statusFor(request, taken_), "{}"};
  }};
  Transport transport_;
};

TEST_F(TokenTransportTest, SendsOneTokenWithEveryRequest) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask().status, 201);
  EXPECT_EQ(endpoint_.requests().size(), 1U);
  EXPECT_EQ(target_.requests().size(), 3U);
}

TEST_F(TokenTransportTest, FetchesANewOneOnceWhereItIsNotTakenAnyMore) {
  EXPECT_EQ(ask().status, 201);
  answer(200, R"({"access_token":"second","token_type":"Bearer"})");
  {
    const std::lock_guard lock(mutex_);
    taken_ = "second";
  }
  EXPECT_EQ(ask().status, 201);
  EXPECT_EQ(endpoint_.requests().size(), 2U);
  EXPECT_EQ(target_.requests().size(), 3U);
  EXPECT_EQ(target_.requests().back().body, "{}") << "the request as it was";
}

TEST_F(TokenTransportTest, LeavesItAtOneNewTokenForARequest) {
  {
    const std::lock_guard lock(mutex_);
    taken_ = "none of these";
  }
  EXPECT_EQ(ask().status, 401) << "the first token was new";
  EXPECT_EQ(target_.requests().size(), 1U);
  EXPECT_EQ(ask().status, 401) << "it may have been withdrawn since";
  EXPECT_EQ(target_.requests().size(), static_cast<std::size_t>(kMostExchanges));
  EXPECT_EQ(endpoint_.requests().size(), 2U);
}

TEST_F(TokenTransportTest, PausesTheTargetWhereThereIsNoToken) {
  answer(401, R"({"error":"invalid_client"})");
  const auto refused = ask();
  EXPECT_EQ(refused.status, 0);
  EXPECT_EQ(refused.fault, "no access token: status 401: invalid_client");
  EXPECT_EQ(verdictOf(refused), Verdict::kPause);
  EXPECT_TRUE(target_.requests().empty()) << "nothing is sent without a token";
  answer(200, kGood);
  EXPECT_EQ(ask().status, 201) << "and it goes on";
}

TEST_F(TokenTransportTest, PausesTheTargetWhereTheEndpointIsAway) {
  HttpTransportOptions options;
  options.token = std::make_unique<AccessToken>(
      TokenEndpoint{"http://127.0.0.1:1/token", "vestibule", ""}, "s3cr3t");
  const auto transport = httpTransport(std::move(options), stop_);
  const auto answer = transport({"GET", target_.url(), ""});
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.fault.rfind("no access token: ", 0), 0U) << answer.fault;
  EXPECT_EQ(verdictOf(answer), Verdict::kPause);
  EXPECT_TRUE(target_.requests().empty());
}

}  // namespace
}  // namespace vestibule::outbound
