#include "policy/password_hash.h"

#include <gtest/gtest.h>

namespace vestibule::policy {
namespace {

Secret secret(std::string text) { return Secret(std::move(text)); }

TEST(PasswordHash, R6_KnowsThePasswordAgain) {
  const auto phc = hashPassword(secret("correct horse"));
  ASSERT_TRUE(phc) << phc.error().detail;
  EXPECT_TRUE(phc->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *phc;
  EXPECT_EQ(phc->find('\0'), std::string::npos);
  EXPECT_EQ(phc->find("correct"), std::string::npos);
  EXPECT_TRUE(verifyPassword(secret("correct horse"), *phc));
  for (const char* other : {"Correct horse", "correct horse ", "correct  horse", "correct", ""}) {
    EXPECT_FALSE(verifyPassword(secret(other), *phc)) << other;
  }
}

TEST(PasswordHash, SaltsEveryHash) {
  EXPECT_NE(hashPassword(secret("correct horse")).value(),
            hashPassword(secret("correct horse")).value());
}

TEST(PasswordHash, A19_PreparesThePassword) {
  const auto phc = hashPassword(secret("caf\xC3\xA9\xC2\xA0noir"));
  ASSERT_TRUE(phc);
  EXPECT_TRUE(verifyPassword(secret("cafe\xCC\x81 noir"), *phc));
}

TEST(PasswordHash, RefusesWhatCannotBePrepared) {
  for (const auto& text : {std::string(), std::string("a\0b", 3), std::string("a\x7F"),
                           std::string("a\xFF"), std::string(kMaxPassword + 1, 'a')}) {
    const auto phc = hashPassword(secret(text));
    ASSERT_FALSE(phc);
    EXPECT_EQ(phc.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(phc.error().attribute, "password");
  }
  EXPECT_TRUE(hashPassword(secret(std::string(kMaxPassword, 'a'))));
}

TEST(PasswordHash, TakesAHashMadeElsewhere) {
  // `printf password | argon2 somesalt -id -t 2 -k 1024 -p 1 -l 24 -e`
  const std::string phc =
      "$argon2id$v=19$m=1024,t=2,p=1$c29tZXNhbHQ$Y+lHxfksTW5m0vcIGl8If/UJWDiMwZJA";
  EXPECT_TRUE(verifyPassword(secret("password"), phc));
  EXPECT_FALSE(verifyPassword(secret("Password"), phc));
}

TEST(PasswordHash, RefusesOtherTextAndRuinousCosts) {
  const std::string salt = "$c29tZXNhbHQ$";
  const std::string hash = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8";
  const std::string texts[] = {
      "",
      "password",
      "$2y$10$abcdefghijklmnopqrstuu",
      "$argon2i$v=19$m=1024,t=2,p=1" + salt + hash,
      "$argon2d$v=19$m=1024,t=2,p=1" + salt + hash,
      "$argon2id$m=1024,t=2,p=1" + salt + hash,
      "$argon2id$v=16$m=1024,t=2,p=1" + salt + hash,
      "$argon2id$v=19$m=4294967295,t=2,p=1" + salt + hash,
      "$argon2id$v=19$m=262145,t=2,p=1" + salt + hash,
      "$argon2id$v=19$m=99999999999,t=2,p=1" + salt + hash,
      "$argon2id$v=19$m=1024,t=17,p=1" + salt + hash,
      "$argon2id$v=19$m=1024,t=2,p=17" + salt + hash,
      "$argon2id$v=19$m=1024,t=2,p=1",
      "$argon2id$v=19$m=1024,t=2,p=1$$",
      "$argon2id$v=19$m=1024,t=2,p=1" + salt,
      "$argon2id$v=19$m=1024,t=2,p=1" + salt + "!!!!",
      "$argon2id$v=19$m=1024,t=2,p=1" + salt + std::string(300, 'A'),
  };
  for (const auto& text : texts) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(verifyPassword(secret("password"), text));
    EXPECT_FALSE(isPasswordHash(text));
  }
}

TEST(PasswordHash, IsToldFromAPassword) {
  const auto hash = hashPassword(secret("password"));
  ASSERT_TRUE(hash);
  EXPECT_TRUE(isPasswordHash(*hash));
  EXPECT_FALSE(isPasswordHash(*hash + "$"));
  EXPECT_FALSE(isPasswordHash(" " + *hash));
}

}  // namespace
}  // namespace vestibule::policy
