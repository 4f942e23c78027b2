#include "base/trace_parent.h"

#include <gtest/gtest.h>

namespace vestibule {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kParent = "00f067aa0ba902b7";

// W3C Trace Context level 1, §3.2.2 and §4.3.
TEST(TraceParent, IsReadAsTheStandardSays) {
  struct Row {
    std::string value;
    bool valid;
    bool sampled = false;
  };
  const std::string ids = '-' + kTrace + '-' + kParent;
  for (const auto& [value, valid, sampled] : std::vector<Row>{
           {"00" + ids + "-01", true, true},
           {"00" + ids + "-00", true, false},
           {"00" + ids + "-ff", true, true},
           {"00" + ids + "-02", true, false},
           {"cc" + ids + "-01", true, true},
           {"cc" + ids + "-01-what-the-future-will-be-like", true, true},
           {"01" + ids + "-01.what", false},
           {"cc" + ids + "-01x", false},
           {"00" + ids + "-01-what", false},
           {"00" + ids + "-01-", false},
           {"00" + ids + "-01 ", false},
           {" 00" + ids + "-01", false},
           {"ff" + ids + "-01", false},
           {"0G" + ids + "-01", false},
           {"CC" + ids + "-01", false},
           {"0" + ids + "-01", false},
           {"00" + ids, false},
           {"00" + ids + "-1", false},
           {"00" + ids + "-0G", false},
           {"00" + ids + "-0A", false},
           {"00" + ids + "_01", false},
           {"00_" + kTrace + '-' + kParent + "-01", false},
           {"00-" + kTrace + '_' + kParent + "-01", false},
           {"00-" + std::string(32, '0') + '-' + kParent + "-01", false},
           {"00-" + kTrace + '-' + std::string(16, '0') + "-01", false},
           {"00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kParent + "-01", false},
           {"00-" + kTrace + "-00F067AA0BA902B7-01", false},
           {"00-" + kTrace.substr(1) + "x-" + kParent + "-01", false},
           {"00-" + kTrace.substr(1) + '-' + kParent + "-01", false},
           {"", false},
           {std::string(55, '-'), false},
           {std::string(5'000, '0'), false},
       }) {
    SCOPED_TRACE(value);
    const auto read = parseTraceParent(value);
    EXPECT_EQ(read.trace_id, valid ? kTrace : "");
    EXPECT_EQ(read.parent_id, valid ? kParent : "");
    EXPECT_EQ(read.sampled, sampled);
  }
}

TEST(TraceParent, OfAChildHasTheTraceAndAParentOfItsOwn) {
  for (const char* flags : {"-01", "-00"}) {
    const std::string value = "cc-" + kTrace + '-' + kParent + flags;
    const std::string child = childOf(parseTraceParent(value));
    const auto read = parseTraceParent(child);
    EXPECT_TRUE(child.starts_with("00-")) << child;
    EXPECT_TRUE(child.ends_with(flags)) << child;
    EXPECT_EQ(read.trace_id, kTrace);
    EXPECT_NE(read.parent_id, kParent);
    EXPECT_NE(child, childOf(parseTraceParent(value)));
  }
}

}  // namespace
}  // namespace vestibule
