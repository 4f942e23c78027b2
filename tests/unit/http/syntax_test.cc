#include "http/syntax.h"

#include <gtest/gtest.h>

namespace vestibule::http {
namespace {

TEST(IsToken, TakesWhatNamesMayHold) {
  for (const char* text : {"a", "Content-Type", "X_1", "!#$%&'*+-.^_`|~9"}) {
    EXPECT_TRUE(isToken(text)) << text;
  }
  for (const char* text : {"", "a b", "a:", "a\r", "(", "a/b", "\"a\"", "caf\xC3\xA9", "a\x7F"}) {
    EXPECT_FALSE(isToken(text)) << text;
  }
  EXPECT_FALSE(isToken(std::string_view("a\0b", 3)));
}

TEST(IsHost, TakesNamesAddressesAndPorts) {
  for (const char* text : {"", "a", "scim.example.org", "scim.example.org:443", "127.0.0.1:80",
                           "[::1]", "[fe80::1]:8080", "a_b-c~d", "a:"}) {
    EXPECT_TRUE(isHost(text)) << text;
  }
  for (const char* text : {"a b", "a/b", "u@a", "a:b", "a:123456", "[::1", "[::g]", "[::1]x", "a,b",
                           "a\"", "caf\xC3\xA9", "a%41", "a:1:2", "a\\b", "a?b", "a#b"}) {
    EXPECT_FALSE(isHost(text)) << text;
  }
}

}  // namespace
}  // namespace vestibule::http
