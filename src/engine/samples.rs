//! A data set where training finds it: on the host and, for arms that train by a plan, on the GPU.

use std::ops::Deref;
use std::sync::Arc;

use super::device::Compute;
use super::kernels::Resident;
use crate::data::Dataset;

/// A data set that arms share; a copy costs nothing.
#[derive(Clone)]
pub struct Samples {
    data: Arc<Dataset>,
    resident: Option<Arc<Resident>>,
}

impl Samples {
    /// Takes a data set, and uploads its training samples where a GPU can draw views from them.
    pub fn new(data: Dataset, compute: &Compute) -> Samples {
        let resident = compute.gpu().and_then(|gpu| match Resident::new(gpu, &data) {
            Ok(resident) => Some(Arc::new(resident)),
            Err(reason) => {
                log::warn!("Views are drawn on the CPU: {reason}");
                None
            }
        });
        Samples { data: Arc::new(data), resident }
    }

    /// The training samples on the GPU, if they are there.
    pub fn resident(&self) -> Option<&Resident> {
        self.resident.as_deref()
    }

    /// The data set.
    pub fn data(&self) -> &Dataset {
        &self.data
    }
}

impl Deref for Samples {
    type Target = Dataset;

    fn deref(&self) -> &Dataset {
        &self.data
    }
}
