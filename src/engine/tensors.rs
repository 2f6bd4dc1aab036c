//! Numbers between the host and a device. What is read has the length that was asked for, or the read is an error that names
//! the tensor: nothing stands in for what did not come.

use burn::tensor::{Device, Gradients, Tensor, TensorData, Transaction};

use super::error::EngineError;

/// Host rows as a tensor `[rows, len]`.
pub fn upload_rows(values: &[f32], rows: usize, device: &Device) -> Tensor<2> {
    let columns = values.len().checked_div(rows).unwrap_or_default();
    Tensor::from_data(TensorData::new(values.to_vec(), [rows, columns]), device)
}

/// Host values as a tensor `[len]`.
pub fn upload(values: &[f32], device: &Device) -> Tensor<1> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), device)
}

/// Reads tensors, each under its name, all in one go; the values of each row by row.
///
/// # Errors
/// When the device fails, or gives another number of values than a tensor has.
pub async fn read<const N: usize, const D: usize>(named: [(&str, Tensor<D>); N]) -> Result<[Vec<f32>; N], EngineError> {
    let asked = named.each_ref().map(|(name, tensor)| (*name, tensor.shape().num_elements()));
    let whole = named.into_iter().fold(Transaction::default(), |whole, (_, tensor)| whole.register(tensor));
    let data = whole.execute_async().await?.into_iter().zip(&asked);
    let parts = data.map(|(data, (name, _))| floats(name, data)).collect::<Result<Vec<_>, _>>()?;
    arrange(asked, parts)
}

/// Reads lists of tensors, each list under one name, all in one go: as many entries for each as were asked for.
///
/// # Errors
/// As [`read`].
pub async fn read_lists<const N: usize>(named: [(&str, Vec<Tensor<1>>); N]) -> Result<[Vec<Vec<f32>>; N], EngineError> {
    let lengths = |list: &[Tensor<1>]| list.iter().map(|tensor| tensor.dims()[0]).collect();
    let asked = named.each_ref().map(|(name, list)| (*name, lengths(list)));
    let all = named.into_iter().flat_map(|(_, list)| list);
    let whole = all.fold(Transaction::default(), Transaction::register);
    let names = asked.iter().flat_map(|(name, lengths): &(&str, Vec<usize>)| vec![*name; lengths.len()]);
    let data = whole.execute_async().await?.into_iter().zip(names);
    let parts = data.map(|(data, name)| floats(name, data)).collect::<Result<Vec<_>, _>>()?;
    arrange_lists(asked, parts)
}

/// A tensor's values, which are on the host already.
///
/// # Errors
/// When they are no numbers.
pub fn floats(name: &str, data: TensorData) -> Result<Vec<f32>, EngineError> {
    data.try_into_vec_as::<f32>().map_err(|problem| EngineError::Values { tensor: name.to_owned(), problem })
}

/// Cuts flat values, one tensor after the other, into lists of these lengths.
///
/// # Errors
/// When there are fewer or more values than that.
pub fn cut(name: &str, flat: &[f32], lengths: &[usize]) -> Result<Vec<Vec<f32>>, EngineError> {
    let wanted = lengths.iter().sum();
    expect(name, flat.len(), wanted)?;
    let ends = lengths.iter().scan(0, |end, length| {
        *end += length;
        Some((*end - length, *end))
    });
    Ok(ends.map(|(from, to)| flat[from..to].to_vec()).collect())
}

/// A count of values that must be this one.
///
/// # Errors
/// When it is another.
pub fn expect(name: &str, found: usize, wanted: usize) -> Result<(), EngineError> {
    if found == wanted { Ok(()) } else { Err(EngineError::Read { tensor: name.to_owned(), found, wanted }) }
}

/// What was read in a row, under the names and with the numbers of values that were asked for.
///
/// # Errors
/// When one has another number of values.
pub fn arrange<const N: usize>(
    asked: [(&str, usize); N],
    parts: impl IntoIterator<Item = Vec<f32>>,
) -> Result<[Vec<f32>; N], EngineError> {
    let mut parts = parts.into_iter();
    let mut found = [const { Vec::new() }; N];
    for (slot, (name, wanted)) in found.iter_mut().zip(asked) {
        *slot = checked(name, wanted, parts.next())?;
    }
    Ok(found)
}

/// As [`arrange`], list by list.
///
/// # Errors
/// As [`arrange`].
pub fn arrange_lists<const N: usize>(
    asked: [(&str, Vec<usize>); N],
    parts: impl IntoIterator<Item = Vec<f32>>,
) -> Result<[Vec<Vec<f32>>; N], EngineError> {
    let mut parts = parts.into_iter();
    let mut found = [const { Vec::new() }; N];
    for (list, (name, lengths)) in found.iter_mut().zip(asked) {
        for (at, wanted) in lengths.into_iter().enumerate() {
            list.push(checked(&format!("{name}, tensor {}", at + 1), wanted, parts.next())?);
        }
    }
    Ok(found)
}

/// A part of a read, which must be there and have so many values.
fn checked(name: &str, wanted: usize, part: Option<Vec<f32>>) -> Result<Vec<f32>, EngineError> {
    let found = part.as_ref().map_or(0, Vec::len);
    part.filter(|_| found == wanted).ok_or_else(|| EngineError::Read { tensor: name.to_owned(), found, wanted })
}

/// The gradient of a loss with respect to a tensor of the graph that it comes from.
///
/// # Errors
/// When the tensor took no part in the loss.
pub fn gradient<const D: usize>(loss: &Tensor<1>, name: &str, leaf: &Tensor<D>) -> Result<Tensor<D>, EngineError> {
    taken(&mut loss.backward(), name, leaf)
}

/// The gradients of a loss with respect to all parameters, each with its name.
///
/// # Errors
/// When one took no part in the loss.
pub fn gradients<'n>(
    loss: &Tensor<1>,
    names: impl Iterator<Item = &'n str>,
    leaves: &[Tensor<1>],
) -> Result<Vec<Tensor<1>>, EngineError> {
    let mut all = loss.backward();
    names.zip(leaves).map(|(name, leaf)| taken(&mut all, name, leaf)).collect()
}

fn taken<const D: usize>(all: &mut Gradients, name: &str, leaf: &Tensor<D>) -> Result<Tensor<D>, EngineError> {
    let lost = || EngineError::Gradient { tensor: name.to_owned(), values: leaf.shape().num_elements() };
    leaf.grad_remove(all).ok_or_else(lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(len: usize) -> Tensor<1> {
        upload(&vec![0.5; len], &Device::flex())
    }

    #[test]
    fn what_is_read_is_what_was_asked_for() {
        let read = pollster::block_on(read([("a", tensor(2)), ("b", tensor(3))])).unwrap();
        assert_eq!(read.map(|values| values.len()), [2, 3]);
        let lists = [("a", vec![tensor(2), tensor(1)]), ("none", Vec::new()), ("b", vec![tensor(3)])];
        let lists = pollster::block_on(read_lists(lists)).unwrap();
        assert_eq!(lists.map(|list| list.iter().map(Vec::len).collect::<Vec<_>>()), [vec![2, 1], vec![], vec![3]]);
    }

    #[test]
    fn a_short_read_names_the_tensor_and_the_counts() {
        let short = arrange([("bank", 4), ("points", 6)], [vec![0.0; 4], vec![0.0; 5]]).unwrap_err();
        assert!(short.to_string().starts_with("5 of the 6 values of points"), "{short}");
        let lost = arrange([("bank", 4), ("points", 6)], [vec![0.0; 4]]).unwrap_err();
        assert!(lost.to_string().starts_with("0 of the 6 values of points"), "{lost}");
        let list = arrange_lists([("running statistics", vec![8, 8])], [vec![0.0; 8], vec![0.0; 7]]).unwrap_err();
        assert!(list.to_string().contains("7 of the 8 values of running statistics, tensor 2"), "{list}");
        let flat = cut("parameters", &[0.0; 7], &[4, 4]).unwrap_err();
        assert!(flat.to_string().contains("7 of the 8 values of parameters"), "{flat}");
        assert_eq!(cut("parameters", &[1.0, 2.0, 3.0], &[1, 2]).unwrap(), [vec![1.0], vec![2.0, 3.0]]);
    }

    #[test]
    fn a_tensor_without_a_gradient_is_named() {
        let [used, unused] = [2, 3].map(|len| tensor(len).autodiff().require_grad());
        let loss = || (used.clone() * used.clone()).sum();
        let found = gradient(&loss(), "used", &used).unwrap();
        assert_eq!(found.into_data().try_to_vec::<f32>().unwrap(), [1.0, 1.0]);
        let names = ["used", "encoder.0.weight"].into_iter();
        let lost = gradients(&loss(), names, &[used.clone(), unused]).unwrap_err();
        assert!(lost.to_string().contains("no gradient for encoder.0.weight (3 values)"), "{lost}");
    }
}
