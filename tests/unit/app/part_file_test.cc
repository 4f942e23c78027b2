#include "app/part_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "support/temporary_folder.h"

namespace vestibule::app {
namespace {

namespace fs = std::filesystem;
using Existing = PartFile::Existing;

class PartFileTest : public testing::Test {
 protected:
  static std::string content(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  static void put(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }
  static mode_t rightsOf(const fs::path& path) {
    struct stat found {};
    EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 07777U;
  }
  PartFile begun(Existing existing = Existing::kKept) const {
    auto opened = PartFile::open(file_, existing);
    if (!opened) throw std::runtime_error(opened.error().internal);
    return *std::move(opened);
  }
  /// Expects that no command may begin the file now.
  void expectRefused(ErrorKind kind, const std::string& says,
                     Existing existing = Existing::kKept) const {
    const auto refused = PartFile::open(file_, existing);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, kind);
    EXPECT_NE(refused.error().internal.find(says), std::string::npos) << refused.error().internal;
  }

  const test::TemporaryFolder folder_;
  const fs::path file_ = folder_.path() / "all.backup";
  const fs::path part_ = folder_.path() / "all.backup.part";
};

TEST_F(PartFileTest, HasItsNameWhenItIsWhole) {
  for (const auto existing : {Existing::kKept, Existing::kReplaced}) {
    auto writing = begun(existing);
    ASSERT_TRUE(writing.write("one ") && writing.write("two"));
    EXPECT_FALSE(fs::exists(file_));
    EXPECT_EQ(writing.bytes(), 7U);
    ASSERT_TRUE(writing.publish());
    EXPECT_EQ(content(file_), "one two");
    EXPECT_EQ(rightsOf(file_), 0600U);
    EXPECT_FALSE(fs::exists(part_));
    fs::remove(file_);
  }
}

TEST_F(PartFileTest, OfOneThatIsNotWholeNothingIsLeft) {
  put(file_, "before");
  {
    auto writing = begun(Existing::kReplaced);
    ASSERT_TRUE(writing.write("half"));
  }
  EXPECT_FALSE(fs::exists(part_));
  EXPECT_EQ(content(file_), "before");
}

TEST_F(PartFileTest, TwoCommandsDoNotWriteOneFile) {
  std::optional<PartFile> first(begun());
  ASSERT_TRUE(first->write("first"));
  for (const auto existing : {Existing::kKept, Existing::kReplaced}) {
    expectRefused(ErrorKind::kConflict, "is being written by another command", existing);
  }
  ASSERT_TRUE(first->publish());
  EXPECT_EQ(content(file_), "first");
  // Its descriptor is open still, and its lock held: of a file that is nobody's part any more.
  auto second = begun(Existing::kReplaced);
  first.reset();
  ASSERT_TRUE(second.write("second") && second.publish());
  EXPECT_EQ(content(file_), "second");
}

TEST_F(PartFileTest, WhatAnInterruptedRunLeftIsNotUsedAgain) {
  put(part_, "left, and readable by all");
  fs::permissions(part_, fs::perms(0644));
  std::ifstream reader(part_, std::ios::binary);
  const auto moved = folder_.path() / "moved";
  fs::create_hard_link(part_, moved);
  auto writing = begun();
  EXPECT_EQ(rightsOf(part_), 0600U);
  ASSERT_TRUE(writing.write("a secret") && writing.publish());
  EXPECT_EQ(content(file_), "a secret");
  EXPECT_EQ(rightsOf(file_), 0600U);
  EXPECT_EQ(content(moved), "left, and readable by all") << "a file under another name too";
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "left, and readable by all");
}

TEST_F(PartFileTest, ALinkIsNotFollowed) {
  const auto target = folder_.path() / "target";
  put(target, "somebody's");
  fs::create_symlink(target, part_);
  expectRefused(ErrorKind::kUnavailable, part_.string());
  EXPECT_EQ(content(target), "somebody's");
}

TEST_F(PartFileTest, WhatIsThereIsKeptOrReplacedAsAsked) {
  put(file_, "before");
  expectRefused(ErrorKind::kConflict, "is not written over");
  EXPECT_FALSE(fs::exists(part_));
  auto writing = begun(Existing::kReplaced);
  ASSERT_TRUE(writing.write("after") && writing.publish());
  EXPECT_EQ(content(file_), "after");
}

TEST_F(PartFileTest, OfWhatCameMeanwhileNothingIsLostAndNothingOfTheNew) {
  {
    auto writing = begun();
    ASSERT_TRUE(writing.write("all of it"));
    put(file_, "another's");
    const auto published = writing.publish();
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().kind, ErrorKind::kConflict);
    EXPECT_NE(published.error().internal.find("all of it is in " + part_.string()),
              std::string::npos)
        << published.error().internal;
  }
  EXPECT_EQ(content(file_), "another's");
  EXPECT_EQ(content(part_), "all of it");
}

TEST_F(PartFileTest, WhatCannotBePutInPlaceIsKeptBeside) {
  {
    auto writing = begun(Existing::kReplaced);
    ASSERT_TRUE(writing.write("all of it"));
    fs::create_directory(file_);
    const auto published = writing.publish();
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().kind, ErrorKind::kUnavailable);
  }
  EXPECT_EQ(content(part_), "all of it");
}

TEST_F(PartFileTest, OneThatWasTakenAwayIsNeitherPublishedNorRemoved) {
  {
    auto writing = begun();
    ASSERT_TRUE(writing.write("all of it"));
    fs::remove(part_);
    put(part_, "another's");
    const auto published = writing.publish();
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().kind, ErrorKind::kConflict);
  }
  EXPECT_FALSE(fs::exists(file_));
  EXPECT_EQ(content(part_), "another's");
}

TEST_F(PartFileTest, OnlyFilesAreWritten) {
  fs::create_directory(file_);
  expectRefused(ErrorKind::kInvalidValue, "is no file", Existing::kReplaced);
  fs::remove(file_);
  fs::create_directory(part_);
  expectRefused(ErrorKind::kUnavailable, part_.string());
  fs::remove(part_);
  ASSERT_EQ(::mkfifo(part_.c_str(), 0600), 0);
  expectRefused(ErrorKind::kUnavailable, part_.string());
}

}  // namespace
}  // namespace vestibule::app
