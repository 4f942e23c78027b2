#include "base/clock.h"

#include <gtest/gtest.h>

namespace vestibule {
namespace {

struct Reading {
  const char* text = nullptr;
  std::optional<Timestamp> expected;
};

TEST(Clock, ReadsEveryFormOfXsdDateTime) {
  const Reading readings[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"1970-01-01T00:00:00z", 0},
      {"1970-01-01t00:00:00Z", 0},
      {"1970-01-01T00:00:00", 0},
      {"1970-01-01T00:00:00.000001Z", 1},
      {"1970-01-01T00:00:00.0000019Z", 1},
      {"1970-01-01T00:00:00.5Z", 500'000},
      {"1970-01-01T01:00:00+01:00", 0},
      {"1969-12-31T18:30:00-05:30", 0},
      {"1969-12-31T23:59:59.999Z", -1'000},
      {"2011-05-13T04:42:34Z", 1'305'261'754'000'000},
      {"2024-02-29T00:00:00Z", 1'709'164'800'000'000},
      {"1970-01-01T14:00:00+14:00", 0},
  };
  for (const auto& reading : readings) {
    SCOPED_TRACE(reading.text);
    EXPECT_EQ(parseTimestamp(reading.text), reading.expected);
  }
}

TEST(Clock, RefusesOtherTextAndImpossibleDates) {
  const char* const refused[] = {"",
                                 "2011-05-13",
                                 "2011-05-13 04:42:34Z",
                                 "2011-13-01T00:00:00Z",
                                 "2011-00-01T00:00:00Z",
                                 "2023-02-29T00:00:00Z",
                                 "2011-04-31T00:00:00Z",
                                 "2011-05-13T24:00:00Z",
                                 "2011-05-13T04:60:00Z",
                                 "2011-05-13T04:42:61Z",
                                 "2011-05-13T04:42:34.Z",
                                 "2011-05-13T04:42:34+0100",
                                 "2011-05-13T04:42:34+15:00",
                                 "2011-05-13T04:42:34Zx",
                                 "2011-05-13T04:42:34Z ",
                                 "11-05-13T04:42:34Z",
                                 "+011-05-13T04:42:34Z",
                                 "2011-5-13T04:42:34Z"};
  for (const char* text : refused) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parseTimestamp(text));
  }
}

TEST(Clock, WritesMillisecondsInUtc) {
  EXPECT_EQ(formatTimestamp(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(formatTimestamp(1'305'261'754'123'456), "2011-05-13T04:42:34.123Z");
  EXPECT_EQ(formatTimestamp(-1), "1969-12-31T23:59:59.999Z");
}

TEST(Clock, ReadsBackWhatItWrites) {
  for (const Timestamp timestamp :
       {Timestamp{0}, Timestamp{951'782'400'000'000}, now() / 1000 * 1000}) {
    EXPECT_EQ(parseTimestamp(formatTimestamp(timestamp)), timestamp);
  }
}

TEST(Clock, TellsATimeOfThisCentury) {
  EXPECT_GT(now(), *parseTimestamp("2020-01-01T00:00:00Z"));
  EXPECT_LT(now(), *parseTimestamp("2100-01-01T00:00:00Z"));
}

}  // namespace
}  // namespace vestibule
