#include "bundled_sqlite.h"
