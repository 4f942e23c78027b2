#include "base/secret_keys.h"

#include <gtest/gtest.h>

#include <string>

#include "base/encoding.h"

namespace vestibule {
namespace {

const std::string kOne = toBase64(std::string(32, '1'));
const std::string kTwo = toBase64(std::string(32, '2'));

SecretKeys keysOf(const std::string& text) {
  auto keys = SecretKeys::parse(text);
  if (!keys) throw std::runtime_error(keys.error().detail);
  return *std::move(keys);
}

TEST(SecretKeys, AreReadFromLines) {
  for (const std::string& text :
       {kOne, kOne + "\n", "# a comment\n\n  " + kOne + "\t\r\n" + kTwo,
        kOne.substr(0, kOne.find('=')) + "\n", toBase64Url(std::string(32, '\xff'))}) {
    EXPECT_TRUE(SecretKeys::parse(text)) << text;
  }
  EXPECT_TRUE(SecretKeys::parse(SecretKeys::newKey()));
  EXPECT_NE(SecretKeys::newKey(), SecretKeys::newKey());
}

TEST(SecretKeys, AreRefusedByLineWithoutRepeatingIt) {
  struct Case {
    std::string text;
    std::string says;
  };
  for (const auto& [text, says] :
       {Case{"", "no key"}, Case{"# nothing\n\n", "no key"}, Case{"hunter2!", "line 1 is no key"},
        Case{kOne + "\nhunter2", "line 2 is no key"},
        Case{"\n" + toBase64(std::string(31, 'x')), "line 2 is no key"},
        Case{toBase64(std::string(33, 'x')), "line 1 is no key"},
        Case{kOne + "\n" + kTwo + "\n" + kOne, "line 3 has a key that is there already"}}) {
    const auto keys = SecretKeys::parse(text);
    ASSERT_FALSE(keys) << text;
    EXPECT_EQ(keys.error().kind, ErrorKind::kInvalidValue);
    EXPECT_NE(keys.error().detail.find(says), std::string::npos) << keys.error().detail;
    EXPECT_EQ(keys.error().detail.find("hunter2"), std::string::npos);
  }
}

TEST(SecretKeys, WithoutAnySecretsAreStoredAsTheyAre) {
  const SecretKeys none;
  EXPECT_TRUE(none.empty());
  for (const std::string& secret : {std::string(), std::string("token"), std::string(32, '\0')}) {
    EXPECT_EQ(none.seal(secret, "here"), secret);
    EXPECT_EQ(none.open(secret, "here"), secret);
    EXPECT_EQ(none.stateOf(secret), SealState::kClear);
  }
}

TEST(SecretKeys, TheFirstSealsAndAllOpen) {
  const auto first = keysOf(kOne);
  const auto rotated = keysOf(kTwo + "\n" + kOne);
  const auto after = keysOf(kTwo);
  for (const std::string& secret :
       {std::string("t"), std::string("a\0b", 3), std::string(4096, 'x')}) {
    const auto old = first.seal(secret, "here");
    EXPECT_EQ(old.size(), secret.size() + SecretKeys::kOverhead);
    EXPECT_EQ(old.find(secret.size() > 1 ? secret : "no such"), std::string::npos);
    EXPECT_EQ(first.open(old, "here"), secret);
    EXPECT_EQ(rotated.open(old, "here"), secret);
    EXPECT_EQ(rotated.stateOf(old), SealState::kFormer);
    const auto renewed = rotated.seal(secret, "here");
    EXPECT_EQ(rotated.stateOf(renewed), SealState::kCurrent);
    EXPECT_EQ(after.open(renewed, "here"), secret);
    EXPECT_EQ(after.stateOf(old), SealState::kUnknown);
    const auto lost = after.open(old, "here");
    ASSERT_FALSE(lost);
    EXPECT_NE(lost.error().detail.find("secret_key_file does not have"), std::string::npos);
    EXPECT_EQ(SecretKeys::keyIdOf(old).size(), 16U);
    EXPECT_NE(lost.error().detail.find(SecretKeys::keyIdOf(old)), std::string::npos);
    EXPECT_EQ(SecretKeys::keyIdOf(secret), "");
    // What was stored before there were keys stays readable.
    EXPECT_EQ(after.open(secret, "here"), secret);
  }
}

TEST(SecretKeys, AnEmptySecretIsNoneAndStaysEmpty) {
  EXPECT_EQ(keysOf(kOne).seal("", "here"), "");
  EXPECT_EQ(keysOf(kOne).open("", "here"), "");
}

TEST(SecretKeys, WhatWasChangedOrMovedDoesNotOpen) {
  const auto keys = keysOf(kOne);
  const auto stored = keys.seal("token", "here");
  EXPECT_FALSE(keys.open(stored, "elsewhere"));
  EXPECT_NE(keys.seal("token", "here"), stored) << "no nonce is used twice";
  constexpr std::size_t kMark = 8;
  for (std::size_t at = kMark; at < stored.size(); ++at) {
    auto changed = stored;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(keys.open(changed, "here")) << at;
    EXPECT_FALSE(keys.open(stored.substr(0, at), "here")) << at;
  }
}

}  // namespace
}  // namespace vestibule
