#include "support/temporary_folder.h"

#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace vestibule::test {

TemporaryFolder::TemporaryFolder() {
  std::string name = "/tmp/vestibule-test-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace vestibule::test
