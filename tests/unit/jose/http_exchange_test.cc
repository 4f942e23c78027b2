// Exchanges with a plain server; what TLS has to hold is in key_fetch_test.cc and in
// outbound/http_transport_test.cc.

#include "jose/http_exchange.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/log.h"
#include "jose/authorization.h"
#include "support/http_receiver.h"

namespace vestibule::jose {
namespace {

using std::chrono::seconds;
using test::HttpReceiver;
using test::ReceivedRequest;

class HttpExchange : public ::testing::Test {
 protected:
  HttpExchange() {
    // The proxies of whoever runs the tests have no business here.
    for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"}) {
      ::unsetenv(name);
    }
    rules_.allow_http = true;
  }
  ~HttpExchange() override { ::unsetenv("http_proxy"); }

  Result<HttpAnswer> ask(HttpRequest request) {
    request.url = server_.url();
    return client_.exchange(request, rules_, stop_);
  }
  ReceivedRequest last() { return server_.requests().back(); }

  HttpReceiver::Answer answer_{200, "fine"};
  HttpReceiver server_{[this](std::size_t, const ReceivedRequest&) { return answer_; }};
  HttpRules rules_;
  std::atomic<bool> stop_{false};
  HttpClient client_;
};

TEST_F(HttpExchange, SendsTheMethodThatIsAsked) {
  const std::string body = "text";
  const struct {
    std::string_view method;
    const std::string* body;
    std::string line;
  } cases[] = {
      {"", nullptr, "GET /events HTTP/1.1\r\n"},
      {"", &body, "POST /events HTTP/1.1\r\n"},
      {"GET", nullptr, "GET /events HTTP/1.1\r\n"},
      {"POST", &body, "POST /events HTTP/1.1\r\n"},
      {"PUT", &body, "PUT /events HTTP/1.1\r\n"},
      {"PATCH", &body, "PATCH /events HTTP/1.1\r\n"},
      {"DELETE", nullptr, "DELETE /events HTTP/1.1\r\n"},
  };
  // By one client: nothing of a request is left to the one behind it.
  for (const auto& look : cases) {
    HttpRequest request;
    request.method = look.method;
    request.body = look.body;
    const auto answer = ask(request);
    ASSERT_TRUE(answer) << answer.error().internal;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "fine");
    EXPECT_EQ(last().head.rfind(look.line, 0), 0U) << last().head;
    EXPECT_EQ(last().body, look.body == nullptr ? "" : *look.body);
    EXPECT_EQ(last().field("Content-Length"), look.body == nullptr ? "" : "4");
    EXPECT_EQ(last().field("Expect"), "");
  }
}

TEST_F(HttpExchange, SendsFieldsAndCredentialOfThisRequestAlone) {
  const Secret authorization = bearerAuthorization("s3cr3t");
  HttpRequest request;
  request.fields = {"Accept: text/plain", "User-Agent: another"};
  request.authorization = &authorization;
  ASSERT_TRUE(ask(request));
  EXPECT_EQ(last().field("Authorization"), "Bearer s3cr3t");
  EXPECT_EQ(last().field("Accept"), "text/plain");
  EXPECT_EQ(last().field("User-Agent"), "another");
  ASSERT_TRUE(ask({}));
  EXPECT_EQ(last().field("Authorization"), "");
  EXPECT_EQ(last().field("User-Agent"), "vestibule");
}

TEST_F(HttpExchange, CarriesTheTraceOn) {
  const LogScope scope("request",
                       parseTraceParent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
  ASSERT_TRUE(ask({}));
  EXPECT_EQ(last().field("traceparent").substr(0, 36), "00-4bf92f3577b34da6a3ce929d0e0e4736-");
}

TEST_F(HttpExchange, TakesAnyStatus) {
  for (const int status : {201, 204, 302, 401, 404, 503}) {
    answer_ = {status, ""};
    const auto answer = ask({});
    ASSERT_TRUE(answer) << answer.error().internal;
    EXPECT_EQ(answer->status, status);
  }
}

TEST_F(HttpExchange, SpeaksPlainHttpOnlyWhereThatIsAllowed) {
  rules_.allow_http = false;
  EXPECT_FALSE(ask({}));
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/"}) {
    rules_.allow_http = true;
    HttpRequest request;
    request.url = url;
    EXPECT_FALSE(client_.exchange(request, rules_, stop_)) << url;
  }
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(HttpExchange, TakesNoMoreThanItsLimitOfBytes) {
  rules_.most_bytes = 4;
  EXPECT_TRUE(ask({}));
  rules_.most_bytes = 3;
  const auto answer = ask({});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(answer.error().internal, "the answer has more than 3 bytes");
  rules_.most_bytes = 4;
  EXPECT_TRUE(ask({})) << "and goes on behind it";
}

TEST_F(HttpExchange, TakesTheStatusOfAnyAnswerWhereThatCounts) {
  const struct {
    HttpReceiver::Answer answer;
    std::string body;  ///< what is taken of it
  } cases[] = {
      {{500, "fine"}, "fine"},
      {{500, "too long"}, "too lon"},
      {{200, std::string(1'000'000, 'x')}, "xxxxxxx"},
      {{503, "4\r\nfine\r\n", "Transfer-Encoding: chunked\r\n"}, "fine"},
  };
  rules_.most_bytes = 7;
  rules_.status_counts = true;
  for (const auto& look : cases) {
    answer_ = look.answer;
    const auto answer = ask({});
    ASSERT_TRUE(answer) << answer.error().internal;
    EXPECT_EQ(answer->status, look.answer.status);
    EXPECT_EQ(answer->body, look.body);
  }
  rules_.status_counts = false;
  EXPECT_FALSE(ask({})) << "else a body that is broken off is no answer";
}

TEST_F(HttpExchange, KnowsNoStatusWithoutAHeader) {
  rules_.status_counts = true;
  answer_ = {100, "", "X: y\r\n"};
  EXPECT_FALSE(ask({})) << "an interim answer alone";
  stop_ = true;
  EXPECT_FALSE(ask({}));
}

TEST_F(HttpExchange, TakesNoEndlessHeader) {
  const std::string field = "X-More: " + std::string(1'000, 'x') + "\r\n";
  for (int i = 0; i < 60; ++i) answer_.fields += field;
  EXPECT_TRUE(ask({}));
  for (int i = 0; i < 10; ++i) answer_.fields += field;
  const auto answer = ask({});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().internal, "the header of the answer has more than 65536 bytes");
}

TEST_F(HttpExchange, TakesTheProxyOfTheEnvironmentUnlessNoneIsWanted) {
  ASSERT_EQ(::setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
  EXPECT_FALSE(ask({}));
  rules_.use_proxy = false;
  EXPECT_TRUE(ask({}));
}

TEST_F(HttpExchange, EndsAtOnceWhenItIsToStop) {
  stop_ = true;
  const auto answer = ask({});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().internal, "Operation was aborted by an application callback");
}

TEST(RetryAfter, IsANumberOfSeconds) {
  const struct {
    std::vector<std::pair<std::string, std::string>> fields;
    std::optional<seconds> wanted;
  } cases[] = {
      {{}, std::nullopt},
      {{{"retry-AFTER", "7"}}, seconds(7)},
      {{{"Retry-After", "0"}}, seconds(0)},
      {{{"Retry-After", "soon"}, {"Retry-After", "9"}}, seconds(9)},
      {{{"Retry-After", ""}}, std::nullopt},
      {{{"Retry-After", "-1"}}, std::nullopt},
      {{{"Retry-After", "7 s"}}, std::nullopt},
      {{{"Retry-After", "99999999999999999999"}}, std::nullopt},
      {{{"Retry-After", "Mon, 30 Nov 2026 00:00:00 GMT"}}, std::nullopt},
  };
  for (const auto& look : cases) {
    EXPECT_EQ(retryAfter({503, look.fields, ""}), look.wanted)
        << (look.fields.empty() ? "" : look.fields.front().second);
  }
}

}  // namespace
}  // namespace vestibule::jose
