import pytest
from simulate_support import Simulation

from ketaclaims.simulate.run import simulate


@pytest.fixture(scope="session")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    root = tmp_path_factory.mktemp("practice")
    simulate(root)
    return Simulation(root)


@pytest.fixture(scope="session")
def flawless(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    root = tmp_path_factory.mktemp("flawless")
    simulate(root, seed=11, defect_share=0)
    return Simulation(root)
