#include "app/secret_key_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/temporary_folder.h"

namespace vestibule::app {
namespace {

TEST(SecretKeyFile, WhatIsNoFileOfKeysIsNamedAndSaysWhy) {
  const test::TemporaryFolder folder;
  const auto path = [&](const std::string& name) { return folder.path() / name; };
  const auto key = SecretKeys::newKey();
  std::filesystem::create_directory(path("folder"));
  std::ofstream(path("good")) << "# of today\n" << key << '\n';
  std::ofstream(path("empty"));
  std::ofstream(path("text")) << "no key\n";
  std::ofstream(path("large")) << key << '\n' << std::string(64 * 1024, '#');
  struct Case {
    std::filesystem::path file;
    ErrorKind kind;
    std::string says;
  };
  const Case cases[] = {
      {path("gone"), ErrorKind::kNotFound, "cannot be read: No such file"},
      {path("folder"), ErrorKind::kNotFound, "cannot be read: Is a directory"},
      {path("empty"), ErrorKind::kInvalidValue, "there is no key in it"},
      {path("text"), ErrorKind::kInvalidValue, "line 1 is no key"},
      {path("large"), ErrorKind::kInvalidValue, "larger than a file of keys can be"},
      {"/dev/zero", ErrorKind::kInvalidValue, "larger than a file of keys can be"},
  };
  Config config;
  for (const auto& [file, kind, says] : cases) {
    config.database.secret_key_file = file;
    const auto keys = readSecretKeys(config);
    ASSERT_FALSE(keys) << file;
    EXPECT_EQ(keys.error().kind, kind) << file;
    const auto begins = "database.secret_key_file: " + file.string();
    EXPECT_TRUE(keys.error().internal.starts_with(begins)) << keys.error().internal;
    EXPECT_NE(keys.error().internal.find(says), std::string::npos) << keys.error().internal;
  }
  config.database.secret_key_file = path("good");
  const auto keys = readSecretKeys(config);
  ASSERT_TRUE(keys);
  EXPECT_FALSE((*keys)->empty());
  config.database.secret_key_file.clear();
  const auto none = readSecretKeys(config);
  ASSERT_TRUE(none);
  EXPECT_TRUE((*none)->empty());
}

}  // namespace
}  // namespace vestibule::app
