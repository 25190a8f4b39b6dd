/** conda's package lines, in all the forms that people write. */
import { describe, expect, test } from "vitest";
import { formatCondaSpec, parseCondaSpec } from "./conda-spec.ts";

describe("a conda package", () => {
  test.each([
    ["numpy", "numpy"],
    ["NumPy", "numpy"],
    ["numpy=1.26", "numpy 1.26.*"],
    ["numpy==1.26", "numpy ==1.26"],
    ["numpy =1.26", "numpy 1.26.*"],
    ["numpy 1.26", "numpy 1.26"],
    ["numpy>=1.2,<2", "numpy >=1.2,<2"],
    ["numpy >= 1.2 , < 2", "numpy >=1.2,<2"],
    ["numpy=1.26.*", "numpy 1.26.*"],
    ["numpy=1.26=py312h_0", "numpy ==1.26 py312h_0"],
    ["numpy 1.26 py312h_0", "numpy 1.26 py312h_0"],
    ["numpy 1.26=py312h_0", "numpy ==1.26 py312h_0"],
    ["hdf5=*=mpi_mpich*", "hdf5 * mpi_mpich*"],
    ["python=3.12", "python 3.12.*"],
    ["python 3.12", "python 3.12.*"],
    ["python=3", "python 3.*"],
    ["python>=3.11", "python >=3.11"],
    ["conda-forge::python=3.12", "conda-forge::python 3.12.*"],
    ["conda-forge/linux-64::numpy", "conda-forge/linux-64::numpy"],
    ["python==3.12.4", "python ==3.12.4"],
    ["numpy[version='>=1.2',build=py*]", "numpy >=1.2 py*"],
    ["numpy[channel=bioconda]", "bioconda::numpy"],
    ["scipy # why", "scipy"],
    ["_libgcc_mutex=0.1=conda_forge", "_libgcc_mutex ==0.1 conda_forge"],
    ["a>1|<0.5", "a >1|<0.5"],
  ])("%s", (text, expected) => {
    const outcome = parseCondaSpec(text);
    expect(outcome.kind === "spec" ? formatCondaSpec(outcome.spec) : outcome).toBe(expected);
  });

  test.each([
    "",
    "-n base",
    "--file x",
    "numpy; rm -rf /",
    "numpy $(x)",
    "pip install numpy",
    "jax[cuda]",
    "numpy [",
    "a::b::c d e f",
    "numpy=1.2=b=c",
    "../x",
    "$x::numpy",
  ])("%j is none", (text) => {
    expect(parseCondaSpec(text)).toMatchObject({ kind: "malformed" });
  });
});
