#include "http/readiness.h"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

namespace vestibule::http {
namespace {

class ReadinessTest : public testing::Test {
 protected:
  Readiness readiness(Readiness::Probe probe) {
    return Readiness(std::move(probe), [this] { return now_; });
  }

  Readiness::Clock::time_point now_{};
};

TEST_F(ReadinessTest, ProbesAtMostOnceInAWhile) {
  int probes = 0;
  Readiness readiness = this->readiness([&]() -> std::string_view {
    ++probes;
    return probes == 1 ? "" : "gone";
  });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(readiness.ask(), "");
  EXPECT_EQ(probes, 1);
  now_ += Readiness::kFresh;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(readiness.ask(), "gone");
  EXPECT_EQ(probes, 2);
}

TEST_F(ReadinessTest, WhileAProbeRunsTheOthersAreAnsweredAtOnce) {
  std::promise<void> entered;
  std::promise<void> opened;
  int probes = 0;
  Readiness readiness = this->readiness([&]() -> std::string_view {
    if (++probes == 2) {
      entered.set_value();
      opened.get_future().wait();
    }
    return "";
  });
  EXPECT_EQ(readiness.ask(), "");
  now_ += Readiness::kFresh;
  auto slow = std::async(std::launch::async, [&] { return readiness.ask(); });
  entered.get_future().wait();
  EXPECT_EQ(readiness.ask(), "") << "the word before holds a little longer";
  now_ += Readiness::kPatience;
  EXPECT_EQ(readiness.ask(), "the database does not answer") << "but not for ever";
  opened.set_value();
  EXPECT_EQ(slow.get(), "");
  EXPECT_EQ(readiness.ask(), "");
  EXPECT_EQ(probes, 2);
}

TEST_F(ReadinessTest, AProbeThatThrowsIsAskedAgain) {
  int probes = 0;
  Readiness readiness = this->readiness([&]() -> std::string_view {
    if (++probes == 1) throw std::runtime_error("no memory");
    return "";
  });
  EXPECT_EQ(readiness.ask(), "the database does not answer");
  now_ += Readiness::kFresh;
  EXPECT_EQ(readiness.ask(), "");
}

}  // namespace
}  // namespace vestibule::http
