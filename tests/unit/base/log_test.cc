#include "base/log.h"

#include <gtest/gtest.h>

#include <functional>

namespace vestibule {
namespace {

TEST(Log, KeepsTextOfClientsOnOneLine) {
  // Security case H-10: neither a line nor a terminal sequence of a client reaches the log.
  EXPECT_EQ(printable("bob\r\n2026 info admin \x1B[31mred\x7F"),
            "bob\\x0d\\x0a2026 info admin \\x1b[31mred\\x7f");
}

TEST(Log, KeepsReadableTextAsItIs) { EXPECT_EQ(printable("Zoë \"Núñez\" \\"), "Zoë \"Núñez\" \\"); }

TEST(Log, EscapesTextThatIsNotUtf8) { EXPECT_EQ(printable("a\xFFz\xC3"), "a\\xffz\\xc3"); }

TEST(Log, NeverCutsInsideACharacter) { EXPECT_EQ(printable("aë", 2), "aë"); }

TEST(Log, CutsLongText) {
  EXPECT_EQ(printable(std::string(500, 'a'), 10), "aaaaaaaaaa...");
  EXPECT_EQ(printable("aaaa", 4), "aaaa");
}

constexpr LogEvent kDoor{"door.opened", LogLevel::kWarn, "door {door} of {number} {is"};

/// What the lines are that `write` causes, without their time.
std::string logged(bool json, const std::function<void()>& write) {
  startLog("info", json);
  testing::internal::CaptureStderr();
  write();
  const std::string lines = testing::internal::GetCapturedStderr();
  startLog("off", false);
  return json ? lines.substr(lines.find("\"level\"")) : lines.substr(lines.find(' ') + 1);
}

TEST(Log, HasTheEventAndItsFields) {
  const auto write = [] {
    const LogScope scope("req-1", parseTraceParent("00-4bf92f3577b34da6a3ce929d0e0e4736-"
                                                   "00f067aa0ba902b7-01"));
    const LogScope inner = LogScope::within("req-2");
    logEvent(kDoor, {{"door", "\"front\"\n\\"}, {"number", 7U}, {"unnamed", ""}});
  };
  EXPECT_EQ(logged(true, write),
            R"("level":"warning","event":"door.opened","message":"door \"front\"\\x0a\\ of 7 is",)"
            R"("door":"\"front\"\\x0a\\","number":7,"correlation_id":"req-2",)"
            R"("trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"})"
            "\n");
  EXPECT_EQ(logged(false, write),
            "warning door \"front\"\\x0a\\ of 7 is [door.opened correlation_id=req-2 "
            "trace_id=4bf92f3577b34da6a3ce929d0e0e4736]\n");
}

TEST(Log, OfAThreadBelongsToNothingBehindItsScope) {
  EXPECT_EQ(LogScope::currentTrace().trace_id, "");
  { const LogScope scope("req-1"); }
  EXPECT_EQ(logged(false,
                   [] {
                     logEvent(kDoor, {{"door", "a"}, {"number", -1}});
                   }),
            "warning door a of -1 is [door.opened]\n");
}

TEST(Log, LeavesOutWhatIsLessImportant) {
  EXPECT_EQ(logged(false,
                   [] {
                     logEvent(kDoor, LogLevel::kDebug, {{"door", "a"}, {"number", 1}});
                     logEvent(kDoor, LogLevel::kError, {{"door", "b"}, {"number", 2}});
                   }),
            "error door b of 2 is [door.opened]\n");
}

TEST(Log, NotesWhoAsksInTheInnermostScope) {
  LogScope::noteCaller("nobody listens");
  const LogScope outer("a");
  {
    const LogScope inner("b");
    LogScope::noteCaller(std::string(40, 'f'));
    EXPECT_EQ(inner.caller(), std::string(32, 'f'));
  }
  EXPECT_EQ(outer.caller(), "");
}

TEST(Log, RefusesAnUnknownLevel) {
  EXPECT_FALSE(startLog("loud", false));
  EXPECT_TRUE(startLog("off", false));
}

}  // namespace
}  // namespace vestibule
