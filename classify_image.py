"""The command line of the 2018 program; `classify_image.py -h` lists its options."""

from imagemood.acumos.classify_image import main

if __name__ == "__main__":
    main()
