#include "outbound/remote.h"

#include <gtest/gtest.h>

namespace vestibule::outbound {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

RemoteAnswer answer(int status, std::string body = "") {
  RemoteAnswer made;
  made.status = status;
  made.body = std::move(body);
  return made;
}

TEST(Verdict, SaysWhatAnAnswerThatIsNoSuccessMeans) {
  const std::vector<std::pair<int, Verdict>> rows = {
      {0, Verdict::kPause},   {301, Verdict::kFailed}, {400, Verdict::kFailed},
      {401, Verdict::kPause}, {403, Verdict::kFailed}, {404, Verdict::kFailed},
      {408, Verdict::kPause}, {409, Verdict::kTaken},  {413, Verdict::kFailed},
      {425, Verdict::kPause}, {429, Verdict::kPause},  {500, Verdict::kRetry},
      {501, Verdict::kRetry}, {502, Verdict::kRetry},  {503, Verdict::kPause},
      {504, Verdict::kRetry},
  };
  for (const auto& [status, verdict] : rows) {
    EXPECT_EQ(verdictOf(answer(status)), verdict) << status;
  }
}

TEST(Fault, TellsStatusAndTheDetailOfAScimError) {
  const auto fault =
      faultOf("POST", answer(400, R"({"detail": "userName is bad", "status": "400"})"));
  EXPECT_EQ(fault.status, 400);
  EXPECT_EQ(fault.detail, "POST: status 400: userName is bad");
}

TEST(Fault, HasNoStatusWithoutAnAnswer) {
  RemoteAnswer none;
  none.fault = "Could not connect to server";
  const auto fault = faultOf("GET", none);
  EXPECT_FALSE(fault.status);
  EXPECT_EQ(fault.detail, "GET: Could not connect to server");
}

TEST(Fault, IsPrintableAndBounded) {
  const auto fault =
      faultOf("POST", answer(400, R"({"detail": "a\u001bb)" + std::string(5'000, 'x') + "\"}"));
  EXPECT_EQ(fault.detail.find('\x1b'), std::string::npos);
  EXPECT_LE(fault.detail.size(), 520U);
}

TEST(Fault, PassesOverWhatIsNoScimError) {
  for (const char* body : {"", "<html>", "[]", R"({"detail": 7})", "\xff"}) {
    EXPECT_EQ(faultOf("PUT", answer(400, body)).detail, "PUT: status 400") << body;
  }
}

TEST(RetryDelay, DoublesUpToAnHourAndSpreads) {
  const std::vector<std::pair<std::uint32_t, milliseconds>> rows = {{1, seconds(5)},
                                                                    {2, seconds(10)},
                                                                    {4, seconds(40)},
                                                                    {11, seconds(3'600)},
                                                                    {400, seconds(3'600)}};
  for (const auto& [attempts, least] : rows) {
    EXPECT_EQ(retryDelay(attempts, 0), least) << attempts;
    EXPECT_EQ(retryDelay(attempts, 1), least + least / 5) << attempts;
  }
}

TEST(PauseDelay, IsWhatTheTargetAsksForWithinBounds) {
  EXPECT_EQ(pauseDelay(7, seconds(30), 0), seconds(30));
  EXPECT_EQ(pauseDelay(7, seconds(0), 0), seconds(1));
  EXPECT_EQ(pauseDelay(1, seconds(1'000'000), 0), seconds(3'600));
}

TEST(PauseDelay, DoublesUpToAMinuteWhereNothingIsAskedFor) {
  EXPECT_EQ(pauseDelay(1, std::nullopt, 0), seconds(1));
  EXPECT_EQ(pauseDelay(3, std::nullopt, 0), seconds(4));
  EXPECT_EQ(pauseDelay(50, std::nullopt, 0), seconds(60));
}

}  // namespace
}  // namespace vestibule::outbound
