#pragma once
// The commands of a command line, and what is given to them. command.cc alone knows the library
// that reads it (CLI11), which takes longer to compile than any command.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace vestibule::app {

/// What a command is given: an option or a flag by its name, or an argument by its place. A handle:
/// its copies are the same option, and its Program must live. Each function asks more of what is
/// given and returns the handle; what is not as asked makes the command line wrong. Not
/// thread-safe, as all of this file.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  /// It must be given.
  Option required();
  /// The value is a file that is there and is no folder.
  Option existingFile();
  /// The value is a number above 0.
  Option positive();
  /// The value is from `least` to `most`, both of which may be. Help calls it a whole number, or
  /// one with a fraction.
  Option range(int least, int most);
  Option range(double least, double most);
  /// The value is one of the words, in this case.
  Option oneOf(const std::vector<std::string>& words);
  /// `complaint` is asked about the value: empty if it may be, else what it should be.
  Option check(std::function<std::string(const std::string&)> complaint);
  /// A number may have a unit behind it, in any case, and is then multiplied by that one's factor.
  Option units(const std::map<std::string, std::uint32_t>& factors);
  /// One value holds several, with this character between them.
  Option delimiter(char between);
  /// Where it is not given, the environment variable counts as given.
  Option environment(const std::string& variable);
  /// It may not be given beside the other.
  Option excludes(const Option& other);
  /// It may be given only beside the other.
  Option needs(const Option& other);

  /// Whether it was given, once the command line is read.
  [[nodiscard]] bool given() const;

 private:
  CLI::Option* option_;
};

/// A command. A handle, as Option is one.
class Command {
 public:
  explicit Command(CLI::App& app) : app_(&app) {}

  /// Adds a command below this one.
  Command addSubcommand(const std::string& name, const std::string& help);
  /// The same for one that does nothing itself: one of those below it must be given.
  Command addGroup(const std::string& name, const std::string& help);

  /// Adds an option (`--name`) or an argument by its place (`name`). What is given is stored in
  /// `into` when the command line is read, if it can be: a word that is no such number makes the
  /// command line wrong. `into` must live until then; what is not given leaves it as it is. With a
  /// vector the option may be given several times.
  Option addOption(const std::string& name, std::string& into, const std::string& help);
  Option addOption(const std::string& name, std::optional<std::string>& into,
                   const std::string& help);
  Option addOption(const std::string& name, std::vector<std::string>& into,
                   const std::string& help);
  Option addOption(const std::string& name, std::filesystem::path& into, const std::string& help);
  Option addOption(const std::string& name, std::uint32_t& into, const std::string& help);
  Option addOption(const std::string& name, std::optional<std::uint32_t>& into,
                   const std::string& help);
  Option addOption(const std::string& name, std::uint64_t& into, const std::string& help);
  Option addOption(const std::string& name, double& into, const std::string& help);
  /// Adds an option without a value, which makes `into` true.
  Option addFlag(const std::string& name, bool& into, const std::string& help);
  /// Exactly so many of its options must be given, whichever they are.
  void requireOptions(std::size_t number);

  /// Called when the command line is read without a fault and has this command, after those of the
  /// commands below it.
  void whenGiven(std::function<void()> action);
  /// Whether the command was given, once the command line is read.
  [[nodiscard]] bool given() const;
  /// The same for the option or argument of that name, which must be one of this command.
  [[nodiscard]] bool given(const std::string& option) const;

 private:
  CLI::App* app_;
};

/// A program with commands, one of which must be given. Options of a command may also stand behind
/// those of a command below it.
class Program {
 public:
  /// `--help` shows the description, `--version` prints the text.
  Program(const std::string& description, const std::string& name, const std::string& version);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// What is above every command.
  [[nodiscard]] Command root() { return Command(*app_); }
  /// Reads the command line, once. Nothing: it is in order, and what was given is stored. Else the
  /// exit status: 0 where help or the version was asked for and is printed, 2 where it is wrong,
  /// and standard error says why.
  [[nodiscard]] std::optional<int> read(int argc, const char* const* argv);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace vestibule::app
