#include "feed/sender.h"

#include <gtest/gtest.h>

#include "feed/event_workers.h"

namespace vestibule::feed {
namespace {

using Outcome = Attempt::Outcome;

struct Answer {
  int status;
  const char* body;
  Outcome push;
  Outcome webhook;
  const char* code;  ///< of the push; empty: accepted
};

const Answer kAnswers[] = {
    {202, "", Outcome::kAccepted, Outcome::kAccepted, ""},
    {200, "{}", Outcome::kAccepted, Outcome::kAccepted, ""},
    {204, "", Outcome::kAccepted, Outcome::kAccepted, ""},
    {302, "", Outcome::kFailed, Outcome::kFailed, "http_302"},
    {400, "", Outcome::kRefused, Outcome::kRefused, "http_400"},
    {400, "no json", Outcome::kRefused, Outcome::kRefused, "http_400"},
    {400, R"({"err":"invalid_request"})", Outcome::kRefused, Outcome::kRefused, "invalid_request"},
    {400, R"({"err":"jwtAud","description":"not me"})", Outcome::kRefused, Outcome::kRefused,
     "jwtAud"},
    {400, R"({"err":"invalid_key"})", Outcome::kFailed, Outcome::kRefused, "invalid_key"},
    {400, R"({"err":"invalid_issuer"})", Outcome::kFailed, Outcome::kRefused, "invalid_issuer"},
    {400, R"({"err":"invalid_audience","description":"not me"})", Outcome::kFailed,
     Outcome::kRefused, "invalid_audience"},
    {400, R"({"err":"authentication_failed"})", Outcome::kFailed, Outcome::kRefused,
     "authentication_failed"},
    {400, R"({"err":"access_denied"})", Outcome::kFailed, Outcome::kRefused, "access_denied"},
    {401, "", Outcome::kFailed, Outcome::kFailed, "http_401"},
    {404, "", Outcome::kFailed, Outcome::kFailed, "http_404"},
    {410, "", Outcome::kFailed, Outcome::kRefused, "http_410"},
    {422, "", Outcome::kFailed, Outcome::kRefused, "http_422"},
    {429, "", Outcome::kFailed, Outcome::kFailed, "http_429"},
    {500, "", Outcome::kFailed, Outcome::kFailed, "http_500"},
    {503, "", Outcome::kFailed, Outcome::kFailed, "http_503"},
};

TEST(ReceiverAnswers, AreReadByStatusAndError) {
  for (const auto& [status, body, push, webhook, code] : kAnswers) {
    SCOPED_TRACE(std::to_string(status) + " " + body);
    const jose::HttpAnswer answer{status, {}, body};
    const auto pushed = readPushAnswer(answer);
    EXPECT_EQ(pushed.outcome, push);
    EXPECT_EQ(pushed.failure.code, code);
    EXPECT_EQ(readWebhookAnswer(answer).outcome, webhook);
    EXPECT_EQ(pushed.failure.answered, push != Outcome::kAccepted);
  }
}

TEST(ReceiverAnswers, AreNotLettingPersonalTextsThroughAtLength) {
  const auto attempt =
      readPushAnswer({400,
                      {},
                      R"({"err":")" + std::string(900, 'e') + R"(","description":")" +
                          std::string(5'000, 'd') + "\"}"});
  EXPECT_LE(attempt.failure.code.size(), 64U);
  EXPECT_LE(attempt.failure.detail.size(), 1'000U);
}

TEST(ReceiverAnswers, MaySayWhenToComeBack) {
  const auto after = [](const std::string& value) {
    return readPushAnswer({503, {{"retry-after", value}}, ""}).retry_after.count();
  };
  EXPECT_EQ(after("120"), 120);
  EXPECT_EQ(after("999999"), 3'600);
  EXPECT_EQ(after("Wed, 21 Oct 2015 07:28:00 GMT"), 0);
}

// The example of the Standard Webhooks specification and its libraries' tests.
TEST(WebhookSignature, IsThatOfStandardWebhooks) {
  EXPECT_EQ(webhookSignature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                             "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSignature, TakesAPlainSecretAsItIs) {
  const auto signature = webhookSignature("a plain secret text", "id", 1, "{}");
  EXPECT_NE(signature, webhookSignature("another secret text", "id", 1, "{}"));
  EXPECT_NE(signature, webhookSignature("a plain secret text", "id", 2, "{}"));
  EXPECT_NE(signature, webhookSignature("a plain secret text", "id", 1, "{} "));
}

TEST(BackOff, DoublesUpToTheMost) {
  WorkerOptions options;
  const auto seconds = [&](std::uint32_t failures) {
    return std::chrono::duration_cast<std::chrono::seconds>(backOff(options, failures)).count();
  };
  EXPECT_EQ(seconds(1), 1);
  EXPECT_EQ(seconds(2), 2);
  EXPECT_EQ(seconds(5), 16);
  EXPECT_EQ(seconds(10), 300);
  EXPECT_EQ(seconds(4'000'000'000), 300);
}

}  // namespace
}  // namespace vestibule::feed
