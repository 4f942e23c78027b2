#include "app/command.h"

#include <gtest/gtest.h>

namespace vestibule::app {
namespace {

/// What a run of a program came to.
struct Outcome {
  std::optional<int> status;
  std::string out;
  std::string err;
};

Outcome read(Program& program, std::vector<const char*> words) {
  words.insert(words.begin(), "tool");
  Outcome outcome;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  outcome.status = program.read(static_cast<int>(words.size()), words.data());
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

Program tool() { return Program("What the tool is for", "tool", "tool 1\nmore"); }

/// One of each kind of value.
struct Values {
  std::string text = "as it was";
  std::optional<std::string> maybe;
  std::vector<std::string> many;
  std::filesystem::path path;
  std::uint32_t number = 7;
  std::optional<std::uint32_t> maybe_number;
  std::uint64_t large = 0;
  double fraction = 0.5;
  bool flag = false;
};

TEST(Commands, StoresWhatIsGivenAndLeavesTheRestAsItIs) {
  auto program = tool();
  Values given;
  auto command = program.root().addSubcommand("do", "Do it");
  command.addOption("first", given.text, "By its place");
  command.addOption("--maybe", given.maybe, "");
  command.addOption("--many", given.many, "").delimiter(',');
  command.addOption("--path", given.path, "");
  command.addOption("--number", given.number, "");
  command.addOption("--maybe-number", given.maybe_number, "");
  command.addOption("--large", given.large, "");
  command.addOption("--fraction", given.fraction, "");
  command.addFlag("--flag", given.flag, "");
  const auto outcome = read(
      program, {"do", "word", "--maybe", "m", "--many", "a,b", "--many", "c", "--path", "/p",
                "--maybe-number", "0", "--large", "18446744073709551615", "--fraction", "1.25"});
  EXPECT_EQ(outcome.status, std::nullopt) << outcome.err;
  EXPECT_EQ(given.text, "word");
  EXPECT_EQ(given.maybe, "m");
  EXPECT_EQ(given.many, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(given.path, "/p");
  EXPECT_EQ(given.number, 7U);
  EXPECT_EQ(given.maybe_number, 0U);
  EXPECT_EQ(given.large, 18'446'744'073'709'551'615U);
  EXPECT_EQ(given.fraction, 1.25);
  EXPECT_FALSE(given.flag);
  EXPECT_TRUE(command.given());
  EXPECT_TRUE(command.given("--many"));
  EXPECT_TRUE(command.given("first"));
  EXPECT_FALSE(command.given("--number"));
  EXPECT_FALSE(command.given("--flag"));
}

/// A command with a rule of each kind.
void addRules(Command root, Values& values) {
  auto command = root.addSubcommand("do", "Do it");
  command.addOption("word", values.text, "").required();
  command.addOption("--file", values.path, "").existingFile();
  command.addOption("--version-number", values.large, "").positive();
  command.addOption("--jobs", values.number, "").range(1, 16);
  command.addOption("--interval", values.fraction, "").range(0.1, 3'600.0);
  auto format = command.addOption("--format", values.maybe, "").oneOf({"csv", "jsonl"});
  command.addOption("--rate", values.maybe_number, "").units({{"s", 1}, {"m", 60}});
  command.addOption("--names", values.many, "").check([](const std::string& text) {
    return text == "good" ? std::string() : "not good";
  });
  command.addFlag("--flag", values.flag, "").excludes(format);
}

TEST(Commands, HoldsWhatIsGivenToTheRules) {
  struct Case {
    std::vector<const char*> words;
    const char* complaint;  ///< nothing: in order
  };
  const std::vector<Case> cases{
      {{"do", "x"}, nullptr},
      {{"do"}, "word is required"},
      {{"do", "x", "y"}, "y"},
      {{"do", "x", "--nonsense"}, "--nonsense"},
      {{"do", "x", "--file", "/dev"}, "/dev"},
      {{"do", "x", "--file", "/nothing/there"}, "/nothing/there"},
      {{"do", "x", "--version-number", "1"}, nullptr},
      {{"do", "x", "--version-number", "0"}, "--version-number"},
      {{"do", "x", "--version-number", "one"}, "--version-number"},
      {{"do", "x", "--jobs", "1"}, nullptr},
      {{"do", "x", "--jobs", "16"}, nullptr},
      {{"do", "x", "--jobs", "17"}, "17 not in range"},
      {{"do", "x", "--jobs", "-1"}, "--jobs"},
      {{"do", "x", "--interval", "0.1"}, nullptr},
      {{"do", "x", "--interval", "0.05"}, "not in range"},
      {{"do", "x", "--format", "csv"}, nullptr},
      {{"do", "x", "--format", "CSV"}, "CSV not in {csv,jsonl}"},
      {{"do", "x", "--format", "csv", "--flag"}, "--format excludes --flag"},
      {{"do", "x", "--rate", "5h"}, "h unit not recognized"},
      {{"do", "x", "--names", "good"}, nullptr},
      {{"do", "x", "--names", "bad"}, "not good"},
      {{}, "A subcommand is required"},
      {{"undo"}, "undo"},
  };
  for (const auto& one : cases) {
    std::string line;
    for (const char* word : one.words) line += std::string(word) + ' ';
    SCOPED_TRACE(line);
    auto program = tool();
    Values values;
    addRules(program.root(), values);
    const auto outcome = read(program, one.words);
    EXPECT_EQ(outcome.out, "");
    if (one.complaint == nullptr) {
      EXPECT_EQ(outcome.status, std::nullopt);
      EXPECT_EQ(outcome.err, "");
    } else {
      EXPECT_EQ(outcome.status, 2);
      EXPECT_NE(outcome.err.find(one.complaint), std::string::npos) << outcome.err;
    }
  }
}

TEST(Commands, ReadsANumberWithItsUnit) {
  for (const auto& [text, number] : std::map<const char*, std::uint32_t>{{"5", 5}, {"2m", 120}}) {
    auto program = tool();
    Values values;
    addRules(program.root(), values);
    EXPECT_EQ(read(program, {"do", "x", "--rate", text}).status, std::nullopt);
    EXPECT_EQ(values.maybe_number, number);
  }
}

TEST(Commands, AGroupWantsOneOfItsCommandsAndRunsThatAlone) {
  const auto build = [](Program& program, std::string& ran) {
    auto group = program.root().addGroup("thing", "Things");
    for (const char* name : {"make", "break"}) {
      group.addSubcommand(name, "").whenGiven([&ran, name] { ran += name; });
    }
  };
  for (const auto& [words, expected] :
       std::vector<std::pair<std::vector<const char*>, const char*>>{
           {{"thing"}, ""}, {{"thing", "mend"}, ""}, {{"thing", "break"}, "break"}}) {
    auto program = tool();
    std::string ran;
    build(program, ran);
    EXPECT_EQ(read(program, words).status.value_or(0), *expected == '\0' ? 2 : 0);
    EXPECT_EQ(ran, expected);
  }
}

TEST(Commands, ACommandOfItsOwnIsCalledAfterTheOneBelowIt) {
  auto program = tool();
  std::string ran;
  auto above = program.root().addSubcommand("copy", "");
  auto below = above.addSubcommand("verify", "");
  above.whenGiven([&] { ran += "above"; });
  below.whenGiven([&] { ran += "below "; });
  EXPECT_EQ(read(program, {"copy", "verify"}).status, std::nullopt);
  EXPECT_EQ(ran, "below above");
  EXPECT_TRUE(below.given());
}

TEST(Commands, OptionsOfACommandMayStandBehindThoseOfOneBelowIt) {
  auto program = tool();
  Values values;
  auto root = program.root();
  root.addFlag("--json", values.flag, "");
  root.addGroup("thing", "").addSubcommand("make", "").addOption("--name", values.text, "");
  EXPECT_EQ(read(program, {"thing", "make", "--name", "n", "--json"}).status, std::nullopt);
  EXPECT_TRUE(values.flag);
}

TEST(Commands, AnOptionMayNeedAnotherAndSoManyMayBeWanted) {
  const auto status = [](std::vector<const char*> words) {
    auto program = tool();
    Values values;
    auto command = program.root().addSubcommand("do", "");
    auto key = command.addOption("--key", values.text, "");
    key.needs(command.addOption("--certificate", values.maybe, ""));
    command.addOption("--other", values.path, "");
    command.requireOptions(2);
    words.insert(words.begin(), "do");
    return read(program, words).status.value_or(0);
  };
  EXPECT_EQ(status({"--key", "k", "--certificate", "c"}), 0);
  EXPECT_EQ(status({"--certificate", "c", "--other", "o"}), 0);
  EXPECT_EQ(status({"--key", "k", "--other", "o"}), 2);
  EXPECT_EQ(status({"--certificate", "c"}), 2);
  EXPECT_EQ(status({"--key", "k", "--certificate", "c", "--other", "o"}), 2);
}

TEST(Commands, TheEnvironmentStandsInForAnOption) {
  ASSERT_EQ(::setenv("VESTIBULE_COMMAND_TEST", "from outside", 1), 0);
  for (const bool said : {false, true}) {
    auto program = tool();
    Values values;
    auto command = program.root().addSubcommand("do", "");
    auto option = command.addOption("--to", values.text, "").environment("VESTIBULE_COMMAND_TEST");
    EXPECT_EQ(read(program, said ? std::vector<const char*>{"do", "--to", "said"}
                                 : std::vector<const char*>{"do"})
                  .status,
              std::nullopt);
    EXPECT_EQ(values.text, said ? "said" : "from outside");
    EXPECT_TRUE(option.given());
  }
  ASSERT_EQ(::unsetenv("VESTIBULE_COMMAND_TEST"), 0);
}

TEST(Commands, HelpAndVersionArePrintedAndEndWell) {
  auto program = tool();
  Values values;
  addRules(program.root(), values);
  const auto version = read(program, {"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_EQ(version.out, "tool 1\nmore\n");

  auto again = tool();
  addRules(again.root(), values);
  const auto help = read(again, {"do", "--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_EQ(help.err, "");
  for (const char* shown : {"Do it", "word TEXT REQUIRED", "--jobs UINT:INT in [1 - 16]",
                            "--interval FLOAT:FLOAT in [0.1 - 3600]", "TEXT:{csv,jsonl}",
                            "--flag Excludes: --format"}) {
    EXPECT_NE(help.out.find(shown), std::string::npos) << shown << "\n" << help.out;
  }
}

}  // namespace
}  // namespace vestibule::app
