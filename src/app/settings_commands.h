#pragma once
// What the commands for every kind of settings documents do.

#include <memory>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "directory/settings_document.h"

namespace vestibule::app {

/// How commands speak of the documents of one kind.
struct SettingsWords {
  std::vector<std::string> columns;  ///< of the list
  std::string argument;              ///< what the name is called where it is asked for
  std::string argument_help;
  std::string kind;     ///< with a capital: stands before the name
  std::string deleted;  ///< stands behind the name when it is deleted
};

/// Gives commands their arguments and their work.
class SettingsCommands {
 public:
  /// The line must live while it is read and run.
  SettingsCommands(CommandLine& line, const directory::SettingsUseCases& settings,
                   SettingsWords words);

  /// Prints all documents, by the columns.
  void list(Command command) const;
  /// Prints the document that is named.
  void show(Command command) const;
  /// Creates or replaces what a JSON or TOML file holds. What is wrong with it is printed with the
  /// name of the file.
  void apply(Command command) const;
  /// Deletes the document that is named, and says so.
  void remove(Command command) const;

 private:
  /// Adds the argument for the name, which is stored in what is returned.
  [[nodiscard]] std::shared_ptr<std::string> nameOf(Command command) const;

  CommandLine& line_;
  directory::SettingsUseCases settings_;
  SettingsWords words_;
};

}  // namespace vestibule::app
