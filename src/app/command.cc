#include "app/command.h"

#include <CLI/CLI.hpp>
#include <utility>

namespace vestibule::app {

Option Option::required() {
  option_->required();
  return *this;
}

Option Option::existingFile() {
  option_->check(CLI::ExistingFile);
  return *this;
}

Option Option::positive() {
  option_->check(CLI::PositiveNumber);
  return *this;
}

Option Option::range(int least, int most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

Option Option::range(double least, double most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

Option Option::oneOf(const std::vector<std::string>& words) {
  option_->check(CLI::IsMember(words));
  return *this;
}

Option Option::check(std::function<std::string(const std::string&)> complaint) {
  option_->check(std::move(complaint));
  return *this;
}

Option Option::units(const std::map<std::string, std::uint32_t>& factors) {
  option_->transform(CLI::AsNumberWithUnit(factors));
  return *this;
}

Option Option::delimiter(char between) {
  option_->delimiter(between);
  return *this;
}

Option Option::environment(const std::string& variable) {
  option_->envname(variable);
  return *this;
}

Option Option::excludes(const Option& other) {
  option_->excludes(other.option_);
  return *this;
}

Option Option::needs(const Option& other) {
  option_->needs(other.option_);
  return *this;
}

bool Option::given() const { return option_->count() > 0; }

Command Command::addSubcommand(const std::string& name, const std::string& help) {
  return Command(*app_->add_subcommand(name, help));
}

Command Command::addGroup(const std::string& name, const std::string& help) {
  auto* group = app_->add_subcommand(name, help);
  group->require_subcommand(1);
  return Command(*group);
}

Option Command::addOption(const std::string& name, std::string& into, const std::string& help) {
  return Option(*app_->add_option(name, into, help));
}

Option Command::addOption(const std::string& name, std::optional<std::string>& into,
                          const std::string& help) {
  return Option(*app_->add_option(name, into, help));
}

Option Command::addOption(const std::string& name, std::vector<std::string>& into,
                          const std::string& help) {
  return Option(*app_->add_option(name, into, help));
}

Option Command::addOption(const std::string& name, std::filesystem::path& into,
                          const std::string& help) {
  return Option(*app_->add_option(name, into, help));
}

Option Command::addOption(const std::string& name, std::uint32_t& into, const std::string& help) {
  return Option(*app_->add_option(name, into, help));
}

Option Command::addOption(const std::string& name, std::optional<std::uint32_t>& into,
                          const std::string& help) {
  return Option(*app_->add_option(name, into, help));
}

Option Command::addOption(const std::string& name, std::uint64_t& into, const std::string& help) {
  return Option(*app_->add_option(name, into, help));
}

Option Command::addOption(const std::string& name, double& into, const std::string& help) {
  return Option(*app_->add_option(name, into, help));
}

Option Command::addFlag(const std::string& name, bool& into, const std::string& help) {
  return Option(*app_->add_flag(name, into, help));
}

void Command::requireOptions(std::size_t number) { app_->require_option(number, number); }

void Command::whenGiven(std::function<void()> action) { app_->callback(std::move(action)); }

bool Command::given() const { return app_->parsed(); }

bool Command::given(const std::string& option) const { return app_->count(option) > 0; }

Program::Program(const std::string& description, const std::string& name,
                 const std::string& version)
    : app_(std::make_unique<CLI::App>(description, name)) {
  app_->set_version_flag("--version", version);
  // Commands take both over from here when they are added.
  app_->require_subcommand(1);
  app_->fallthrough();
}

Program::~Program() = default;

std::optional<int> Program::read(int argc, const char* const* argv) {
  const auto status = [this](const CLI::Error& error) { return app_->exit(error) == 0 ? 0 : 2; };
  try {
    app_->parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    // CLI11 misses the command before it says that there is a word which is none.
    const auto unknown = app_->remaining(true);
    if (unknown.empty()) return status(error);
    return status(CLI::ExtrasError(app_->get_name(), unknown));
  } catch (const CLI::ParseError& error) {
    // Help and version come here too, and are printed.
    return status(error);
  }
  return std::nullopt;
}

}  // namespace vestibule::app
