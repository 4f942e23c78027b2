#include "http/parked.h"

namespace vestibule::http {

Parked::~Parked() {
  try {
    if (!queue_.resume(job_)) job_->drop();
  } catch (...) {
    // There is no memory left: whoever waits is told what else there is to tell.
    if (job_) job_->drop();
  }
}

}  // namespace vestibule::http
